"""The papers' case, ready made: a model that loses offline and wins with visitors."""

from __future__ import annotations

import streamlit as st

from recsys_demo.data.planted.sample import WORLDS
from recsys_demo.data.specs import SampleSpec
from recsys_demo.jobs.store import JobSpec
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.messages import guarded
from recsys_demo.ui.state import State

# Measured in this world: Wide behind Deep by .023 of AUC, and 7 % ahead of it with visitors.
COLD_START = SampleSpec(world=WORLDS["cold_start"].config)
MODELS = ("deep", "wide")
_KEY, _ASKED = "compare.reversal", "compare.reversal.asked"


def offer_reversal(state: State) -> None:
    """The button that makes the case, where it is not there already."""
    if state.data == COLD_START and set(MODELS) <= set(state.models):
        st.caption(
            "A new store: a third of the pairs were never shown, so rows of the log say little of "
            "the lists. See below which places of the lists decide it."
        )
        return
    jobs.start_button(
        "Show a model that loses offline and wins here", _KEY, _show, type="secondary",
        help="Takes the world *Cold start*, trains Deep and Wide on it and makes their lists. Undo "
        "brings back what you have now.",
    )  # fmt: skip


def begin_lists(spec: JobSpec) -> None:
    """Make the lists of the case without another click, once its models are there."""
    if st.session_state.pop(_ASKED, False) and jobs.view(spec.id) is None:
        guarded(jobs.start, _KEY)(spec)


def _show() -> None:
    """Choose the world and the models, and train them. Raises InputError."""
    state = session.current()
    case = {"data": COLD_START, "split": None, "crosses": None, "models": MODELS, "seeds": 1}
    session.put(
        State.model_validate({**dict(state), **case, "query": State().query}).with_control(
            "compare", {"section": "online"}
        )
    )
    models.train(models.trainings(session.current()))
    st.session_state[_ASKED] = True
