"""The Crosses room: invent features, and see what they can and cannot remember."""

from recsys_demo.limits import Limits
from recsys_demo.ui.frame import frame

with frame("crosses") as state:
    from recsys_demo.ui.crosses.room import crosses_room

    crosses_room(state, Limits.from_environment())
