"""How many seeds each model is trained with, the button that trains what is missing, progress."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.errors import LabError
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.frame import show_error
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound

TICK_SECONDS = 0.7
ADVISED = 5
_ERROR = "compare.error"


def seed_controls(state: State, wanted: Sequence[Training]) -> None:
    """Seeds per model, and the button for the missing ones."""
    if error := st.session_state.pop(_ERROR, None):
        show_error(error)
    if session.hidden("compare.seeds"):
        return
    missing = [t for t in wanted if not t.is_done and not t.is_busy]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Seeds per model",
            min_value=1,
            max_value=20,
            step=1,
            width=130,
            help="Trainings of each model, with seeds in a row: their spread shows what is noise",
            **bound("compare.seeds", state.seeds, lambda n: session.change(seeds=int(n))),
        )
        if missing:
            _button(f"Train {_runs(len(missing))}", list(wanted), primary=True)
        elif state.seeds < ADVISED and not any(t.is_busy for t in wanted):
            more = state.model_copy(update={"seeds": ADVISED})
            added = (ADVISED - state.seeds) * len(state.models)
            st.button(
                f"Train {_runs(added)}: {ADVISED} seeds each",
                key="compare.advised",
                icon=":material/casino:",
                help="One training alone cannot tell a better model from a lucky one",
                on_click=_change_and_begin,
                args=(more,),
            )
    busy = [t for t in wanted if t.is_busy]
    if busy:
        _progress([t.job_id for t in busy], len(wanted))
    models.show_ended(missing)


def nothing_yet(state: State, wanted: Sequence[Training]) -> None:
    """An empty room: what it will show, and the button."""
    if not wanted:
        st.info("No model is chosen, so there is nothing to compare.", icon=":material/balance:")
        st.page_link("pages/train.py", label="Choose models", icon=":material/play_arrow:")
        return
    st.info(
        "Nothing is trained yet, so there is nothing to compare. This room shows which model "
        "remembers and which one generalizes, and which differences are only noise.",
        icon=":material/balance:",
    )
    if any(t.is_busy for t in wanted) or state.seeds > 1:
        seed_controls(state, wanted)
        return
    models.show_ended(wanted)
    _button(f"Train the {_models(len(wanted))}", list(wanted), True)


def train_again(wanted: Sequence[Training]) -> None:
    """The button that trains damaged runs again."""
    _button("Train again what was harmed", list(wanted), primary=True)


def _models(count: int) -> str:
    return "model" if count == 1 else f"{count} models"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"


def _button(text: str, wanted: list[Training], primary: bool) -> None:
    st.button(
        text,
        key="compare.train",
        type="primary" if primary else "secondary",
        icon=":material/play_arrow:",
        on_click=_begin,
        args=(wanted,),
    )


def _begin(wanted: list[Training]) -> None:
    try:
        models.train(wanted)
    except LabError as error:
        st.session_state[_ERROR] = error


def _change_and_begin(state: State) -> None:
    session.put(state)
    try:
        models.train(models.trainings(state))
    except LabError as error:
        st.session_state[_ERROR] = error


def _progress(job_ids: Sequence[str], total: int) -> None:
    """A bar while runs train; the page is drawn again as each is done."""

    @st.fragment(run_every=jobs.pace(TICK_SECONDS), key="compare.progress")
    def tick() -> None:
        views = [jobs.view(job_id) for job_id in job_ids]
        if any(job is None or job.status.has_ended for job in views):
            st.rerun()
        running = [job for job in views if job is not None and job.status.state == "running"]
        told = ", ".join(f"epoch {len(job.of_type('epoch')) + 1}" for job in running)
        done = total - len(job_ids)
        st.progress(done / total, f"{done} of {_runs(total)} trained; {told or 'waiting'}")

    tick()
