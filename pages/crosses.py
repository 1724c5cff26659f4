"""The Crosses room: invent features, and see what they can and cannot remember."""

from recsys_demo.crosses.listing import CrossEntry, entries_of
from recsys_demo.limits import Limits
from recsys_demo.presets import default_crosses
from recsys_demo.ui import engine, session
from recsys_demo.ui.crosses.room import crosses_room
from recsys_demo.ui.frame import frame

with frame("crosses") as state:
    data = engine.dataset(state)
    chosen = state.crosses
    entries = (
        entries_of(default_crosses(data.schema))
        if chosen is None
        else tuple(CrossEntry.model_validate(choice.model_dump()) for choice in chosen)
    )
    crosses_room(
        data,
        entries,
        lambda changed: session.change(crosses=[entry.model_dump() for entry in changed]),
        Limits.from_environment(),
    )
