"""The Train room: train models, watch them, compare runs."""

from recsys_demo.ui.frame import frame

with frame("train") as state:
    from recsys_demo.ui.train.room import train_room

    train_room(state)
