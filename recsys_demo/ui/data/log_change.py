"""Taking another log over: what was chosen for the old one stays as far as it fits the new one."""

from __future__ import annotations

import streamlit as st

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import DataSpec, SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.features.crosses import parse_cross
from recsys_demo.jobs.bounded_calls import call_bounded
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.entries import CrossEntry, Entries, entries_of
from recsys_demo.studies.crosses.first_crosses import first_crosses
from recsys_demo.studies.log.sizes import sizes_of
from recsys_demo.ui import chosen_files, datasets, session
from recsys_demo.ui.data.choices import CONTROL
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import QueryChoice, State

_TOLD, _CHOSEN = "data.left_out", "data.chosen"
CROSSES = "crosses"  # the control of the Crosses room, which names fields too


def take_over(spec: DataSpec) -> None:
    """Make this the log of all rooms. Call it in a callback; undo brings all of the old one back.

    Crosses over fields that the new log does not have are left out, and said to be; with none left
    the cross is chosen that is worth most on it. Raises InputError if the log cannot be read.
    """
    chosen_files.choose(spec)
    state = session.current()
    moved = state.model_copy(update={"data": spec, "split": None})
    schema = datasets.schema_of(moved)
    controls = dict(state.controls)
    # The room follows the log in use again.
    room = {name: value for name, value in controls.pop(CONTROL, {}).items() if name != "source"}
    if set(schema.fields) != fields_in_use(state):
        kept = fitting_crosses(state.crosses, schema, Limits.from_environment())
        if left := len(state.crosses or ()) - len(kept or ()):
            st.session_state[_TOLD] = left
        moved = moved.model_copy(update={"crosses": kept, "query": QueryChoice()})
        room.pop("field", None)
        controls.pop(CROSSES, None)
    moved = _begun(moved)
    controls |= {CONTROL: room} if room else {}
    session.put(moved.model_copy(update={"controls": tuple(sorted(controls.items()))}))


def _begun(state: State) -> State:
    """The state with the cross that is worth most on its log and sizes that fit it, written out: a
    link says what it said. The sample set has its reference pair and the presets as they are;
    crosses and a training that a person chose stay."""
    if isinstance(state.data, SampleSpec):
        return state.with_fit(None, TrainingConfig())
    data = datasets.dataset(state)
    sizes = sizes_of(data.train)
    state = state.with_fit(sizes.fit, sizes.training)
    told = [sizes.reason]
    if state.crosses is None:
        with st.spinner("Looking for a cross worth having ..."):
            found = call_bounded(first_crosses, data)
        state = state.model_copy(update={"crosses": entries_of(found.crosses)})
        told.insert(0, found.reason)
    st.session_state[_CHOSEN] = " ".join(told)
    return state


def fields_in_use(state: State) -> set[str]:
    """Fields of the log in use; none if it can no longer be read."""
    try:
        return set(datasets.schema_of(state).fields)
    except InputError:
        return set()


def fitting_crosses(crosses: Entries | None, schema: Schema, limits: Limits) -> Entries | None:
    """The crosses that a log with this schema can have; None (its own) if there are none left."""

    def fits(cross: CrossEntry) -> bool:
        try:
            parse_cross(cross.text, schema, limits)
        except InputError:
            return False
        return True

    return tuple(cross for cross in crosses or () if fits(cross)) or None


def show_changes() -> None:
    """Say once what taking a log over has chosen and left out."""
    if reason := st.session_state.pop(_CHOSEN, ""):
        st.info(f"{plain(reason)} *Crosses* and *Train* change them.", icon=":material/join_inner:")
    if count := st.session_state.pop(_TOLD, 0):
        st.info(
            f"{count} of your crosses named fields that this log does not have and were left out. "
            "Undo brings the old log back with them.",
            icon=":material/join_inner:",
        )
