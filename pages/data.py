"""The Data room: choose a log, and see what it is like."""

from recsys_demo.ui.frame import frame

with frame("data") as state:
    from recsys_demo.ui.data.room import data_room

    data_room(state)
