"""The Lessons page: be led by questions."""

from recsys_demo.ui.frame import frame

with frame("lessons") as state:
    from recsys_demo.ui.lessons.room import lessons_room

    lessons_room(state)
