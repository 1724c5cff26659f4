"""A ready case in which the offline test and the simulated online test disagree."""

from __future__ import annotations

import streamlit as st

from recsys_demo.data.planted.sample import WORLDS
from recsys_demo.data.specs import SampleSpec
from recsys_demo.jobs.store import JobSpec
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.messages import guarded
from recsys_demo.ui.state import State

# Of the pairs of presets in this world, the one whose offline difference is clear and whose online
# difference is not (benchmarks/online.py).
COLD_START = SampleSpec(world=WORLDS["cold_start"].config)
MODELS = ("wide_deep", "wide")
SEEDS = 5
_KEY, _ASKED = "compare.disagreement", "compare.disagreement.asked"


def offer_disagreement(state: State) -> None:
    """The button that makes the case, or what to look for where it is there."""
    if state.data == COLD_START and set(MODELS) <= set(state.models):
        st.caption(
            "A new store: training never saw a third of the pairs. Offline, models are judged on "
            "rows of the log; a list shows only the ten best of the whole catalogue. See below "
            "which places of the lists make the difference."
        )
        return
    jobs.start_button(
        "Show a gain that visitors do not see", _KEY, _show, type="secondary",
        help=f"Takes the world *Cold start*, trains Wide & Deep and Wide with {SEEDS} seeds each "
        "and makes their lists: one is clearly better offline, and not with visitors. Undo brings "
        "back what you have now.",
    )  # fmt: skip


def begin_lists(spec: JobSpec) -> None:
    """Make the lists of the case without another click, once its models are there."""
    if st.session_state.pop(_ASKED, False) and jobs.view(spec.id) is None:
        guarded(jobs.start, _KEY)(spec)


def _show() -> None:
    """Choose the world and the models, and train them. Raises InputError."""
    state = session.current()
    case = {"data": COLD_START, "split": None, "crosses": None, "models": MODELS, "seeds": SEEDS}
    session.put(
        State.model_validate({**dict(state), **case, "query": State().query}).with_control(
            "compare", {"section": "online"}
        )
    )
    models.train(models.trainings(session.current()))
    st.session_state[_ASKED] = True
