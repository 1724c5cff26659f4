"""The Train room: train models, watch them, compare runs."""

from recsys_demo.ui.frame import frame
from recsys_demo.ui.train.room import train_room

with frame("train") as state:
    train_room(state)
