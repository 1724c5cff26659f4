"""The Recommend room: one person, one list per model."""

from recsys_demo.ui.frame import frame

with frame("recommend") as state:
    from recsys_demo.ui.recommend.room import recommend_room

    recommend_room(state)
