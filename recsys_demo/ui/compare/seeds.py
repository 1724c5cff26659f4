"""How many seeds each model is trained with, the button that trains what is missing, progress."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.jobs.watch import JobView
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.live.orders import is_under_way
from recsys_demo.ui.live.travel_map import watched_map
from recsys_demo.ui.models import Training
from recsys_demo.ui.more_seeds import counted_runs, more_seeds_button
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound


def seed_controls(state: State, wanted: Sequence[Training]) -> None:
    """Seeds per model, and the button for the missing ones."""
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
            help="Trainings of each model, with seeds in a row: it takes several to judge",
            **bound("compare.seeds", state.seeds, lambda n: session.change(seeds=int(n))),
        )
        if missing:
            _button(f"Train {counted_runs(len(missing))}", wanted)
        elif not any(t.is_busy for t in wanted):
            more_seeds_button(state, "compare.advised")
    busy = [t for t in wanted if t.is_busy]
    if busy:
        _progress([t.job_id for t in busy], len(wanted))
    models.show_ended(missing)


def nothing_yet(state: State, wanted: Sequence[Training]) -> None:
    """An empty room: what it will show, and the button."""
    if not wanted:
        st.info("No model is chosen, so there is nothing to compare.", icon=":material/balance:")
        models.model_button("wide_deep", "compare.first")
        return
    st.info(
        "Nothing is trained yet, so there is nothing to compare. This room shows which model "
        "remembers and which one generalizes, and which of them could not be told apart.",
        icon=":material/balance:",
    )
    if is_under_way(state, wanted) or state.seeds > 1:
        seed_controls(state, wanted)
    else:
        models.show_ended(wanted)
        _button(f"Train the {_models(len(wanted))}", wanted)
    watched_map(state, "compare.moving")


def train_again(wanted: Sequence[Training]) -> None:
    """The button that trains damaged runs again."""
    _button("Train the damaged runs again", wanted)


def _models(count: int) -> str:
    return "model" if count == 1 else f"{count} models"


def _button(label: str, wanted: Sequence[Training]) -> None:
    jobs.start_button(label, "compare.train", models.train, wanted)


def _progress(job_ids: Sequence[str], total: int) -> None:
    """A bar while runs train; the page is drawn again as each is done."""
    done = total - len(job_ids)

    def draw(found: Sequence[JobView]) -> None:
        running = [job for job in found if job.status.state == "running"]
        epochs = ", ".join(f"epoch {len(job.of_type('epoch')) + 1}" for job in running)
        st.progress(done / total, f"{done} of {counted_runs(total)} trained; {epochs or 'waiting'}")

    jobs.watched_jobs("compare.progress", job_ids, draw)
