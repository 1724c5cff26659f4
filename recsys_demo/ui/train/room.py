"""The Train room from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from recsys_demo.config.run import FIRST_SEEDS
from recsys_demo.evaluation.reports import SliceReport
from recsys_demo.studies.learning import Learned, sentence
from recsys_demo.ui import datasets, jobs, models, session
from recsys_demo.ui.finding import FindingPlace
from recsys_demo.ui.live.rate import rate
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.cards import cards, chosen_models
from recsys_demo.ui.train.curves import curves, exact_values, slice_choice
from recsys_demo.ui.train.details import details
from recsys_demo.ui.train.fit_choice import fit_choice
from recsys_demo.ui.train.replay import is_playing, result
from recsys_demo.ui.train.runs import earlier, full_name, lost_pins, name_of, pin, pinned
from recsys_demo.ui.train.table import compare_settings, run_table, table_file
from recsys_demo.ui.train.toolbar import SHARED, is_held, is_moving, toolbar
from recsys_demo.ui.train.tune import tune_section
from recsys_demo.ui.widgets import bound, button, settings

TICK_SECONDS, HELD_TICK_SECONDS = 0.5, 1.0


def train_room(state: State) -> None:
    """Choose, play, watch, compare."""
    said = FindingPlace("train")
    chosen_models(state)
    datasets.dataset(state)  # what cannot be read is told once, not by each part below
    wanted = models.trainings(state)
    seen, beside = st.columns([3, 1], gap="medium")
    with seen:
        jobs.watched(
            "train.live", lambda: _rate(models.trainings(session.current())), partial(_live, said)
        )
    with beside:
        _budget(state)
        fit_choice(state)
        cards(state)
    if not session.hidden("tune"):
        with st.expander("Tune: look for better settings", icon=":material/tune:"):
            tune_section(state, wanted)
    if session.hidden("runs"):
        return
    shown = [*wanted, *pinned(state, wanted)]
    st.markdown("#### Run details")
    values, differences, one = st.tabs(["Exact values", "What differs", "Pin, name, download"])
    with values:
        slice_choice(state)
        exact_values(state, shown)
    with differences:
        compare_settings(state, shown)
        table_file(state, shown)
    with one:
        details(state, [*shown, *earlier(shown)])


def _rate(wanted: Sequence[Training]) -> float | None:
    """How often to look again; not at all when nothing can happen."""
    if is_playing(wanted):
        return TICK_SECONDS
    # A step ends by itself, a pause begins a moment after it was asked for.
    return rate(session.current(), wanted, TICK_SECONDS if is_moving(wanted) else HELD_TICK_SECONDS)


def _live(said: FindingPlace) -> None:
    """What changes while models train, drawn again without the rest of the page: the finding where
    it is `said`, and the curves."""
    state = session.current()
    wanted = models.trainings(state)
    pins = pinned(state, wanted)
    shown = [*wanted, *pins]
    said.say(plain(_finding(state, wanted)))
    toolbar(wanted)
    _messages(state, wanted, shown)
    curves(state, shown, len(pins))
    run_table(state, shown)
    _pin_all(state, wanted)


def _finding(state: State, wanted: Sequence[Training]) -> str:
    """What the trainings have done so far."""
    ended = [(training, result(training)) for training in wanted]
    done = [(training, content) for training, content in ended if content is not None]
    if any(training.is_busy for training in wanted) or 0 < len(done) < len(wanted):
        return "Training: thin lines are training rows, bold lines validation rows."
    if not done:
        return "All models get the same rows: who learns what first, and who overfits?"
    return sentence(
        [
            Learned(name_of(training, state), _report(content, "train"), _report(content, "test"))
            for training, content in done
        ]
    )


def _report(content: Mapping[str, Any], part: str) -> SliceReport:
    return SliceReport.from_json(content[part]["slices"]["all"])


def _messages(state: State, wanted: Sequence[Training], shown: Sequence[Training]) -> None:
    if st.session_state.get(SHARED):
        st.info(
            "Others in this lab are training the same configuration, so it goes on. Change the "
            "seed for a training of your own.",
            icon=":material/group:",
        )
    _hint(wanted)
    if lost := lost_pins(state):
        st.caption(f"{lost} pinned in this link: never trained on this server, or deleted.")
    for place, training in enumerate(shown):
        if training.job is not None and training.job.status.state in ("failed", "lost"):
            _trouble(training, full_name(training, state), place)


def _trouble(training: Training, name: str, place: int) -> None:
    """Why a run ended badly, and the button that tries again."""
    assert training.job is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"**{plain(name)}**: {plain(training.job.status.message)}", icon=":material/error:"
        )
        jobs.start_button(
            "Try again",
            f"train.again.{place}",
            models.train,
            [training],
            type="secondary",
            icon=":material/refresh:",
        )


def _hint(wanted: Sequence[Training]) -> None:
    held = [training for training in wanted if is_held(training)]
    waiting = [t for t in wanted if t.job is not None and t.job.status.state == "queued"]
    if held and waiting:
        st.info(
            f"{len(waiting)} of these models wait for a worker, and paused ones keep theirs. "
            "Step fewer models at once, or press Resume.",
            icon=":material/hourglass:",
        )


def _pin_all(state: State, wanted: Sequence[Training]) -> None:
    fresh = [t.job_id for t in wanted if t.is_done and t.job_id not in state.pinned]
    if fresh and not session.hidden("runs"):
        button(
            f"Pin {'this run' if len(fresh) == 1 else f'these {len(fresh)} runs'}",
            "train.pin.all",
            pin,
            fresh,
            icon=":material/keep:",
            type="tertiary",
            help="Pinned runs stay in the charts when you change settings",
        )


def _budget(state: State) -> None:
    if session.hidden("budget"):
        return
    with st.container(horizontal=True, gap="small"):
        st.number_input(
            "Seed",
            min_value=0,
            max_value=FIRST_SEEDS - 1,
            step=1,
            width=110,
            help="Decides the initial weights and the order of the rows; the same seed gives the "
            "same digits",
            **bound("train.seed", state.seed, lambda seed: session.change(seed=int(seed))),
        )
        st.number_input(
            "Seeds",
            min_value=1,
            max_value=20,
            step=1,
            width=90,
            help="Trainings of each model, with seeds in a row: it takes several to judge",
            **bound("train.seeds", state.seeds, lambda seeds: session.change(seeds=int(seeds))),
        )
    if session.hidden("settings"):
        return
    with st.popover("Stopping", icon=":material/timer:"):
        st.caption("The same for every model, so that the comparison is fair.")
        settings(
            state.training,
            ["epochs", "patience", "monitor", "batch_size", "schedule", "decay", "precision"],
            "train.budget",
            lambda edit: session.change(training=edit(session.current().training)),
        )
        st.caption(
            "Training ends after this many epochs, or when the validation metric has not "
            "improved for the given number of epochs; the best epoch is kept. A loss that is "
            "not a number ends the run, with advice on what to lower."
        )
