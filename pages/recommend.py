"""The Recommend room: one person, one list per model."""

from recsys_demo.ui.frame import frame
from recsys_demo.ui.recommend.room import recommend_room

with frame("recommend") as state:
    recommend_room(state)
