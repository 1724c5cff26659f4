"""The Data room: choose a log, and see what it is like."""

from recsys_demo.limits import Limits
from recsys_demo.ui import session
from recsys_demo.ui.data.room import data_room
from recsys_demo.ui.frame import frame

with frame("data") as state:
    data_room(
        state.data,
        lambda spec: session.change(data=spec, split=None),
        Limits.from_environment(),
    )
