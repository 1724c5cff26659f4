"""The Compare room: who is better at what, and which differences are noise."""

from recsys_demo.ui.frame import frame

with frame("compare") as state:
    from recsys_demo.ui.compare.room import compare_room

    compare_room(state)
