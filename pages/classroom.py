"""The Class page: predict together."""

from recsys_demo.ui.frame import frame

with frame("classroom") as state:
    from recsys_demo.ui.classroom.room import classroom_room

    classroom_room(state)
