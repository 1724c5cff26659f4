"""The Train room from top to bottom."""

from __future__ import annotations

import streamlit as st

from recsys_demo.ui import engine, session
from recsys_demo.ui.engine import Training
from recsys_demo.ui.frame import hideable, show_error
from recsys_demo.ui.state import State
from recsys_demo.ui.train.cards import cards, chosen_models
from recsys_demo.ui.train.curves import curve_controls, curves, exact_values
from recsys_demo.ui.train.table import (
    compare_settings,
    pinned_trainings,
    run_table,
    take_away,
)
from recsys_demo.ui.train.toolbar import REFUSED, is_held, toolbar
from recsys_demo.ui.widgets import bound, settings

hideable(
    [
        ("toolbar", "play, pause, step, stop"),
        ("models", "choice of models"),
        ("settings", "settings of models and training"),
        ("budget", "seed, seeds, epochs"),
    ]
)


def train_room(state: State) -> None:
    """Choose, play, watch, compare."""
    chosen_models(state)
    _budget(state)
    wanted = engine.trainings(state)
    busy = any(training.is_busy and not is_held(training) for training in wanted)
    curve_controls(state)
    st.fragment(_live, run_every=0.7 if busy else None)(state, busy)
    shown = [*wanted, *pinned_trainings(state, wanted)]
    st.markdown("#### The models")
    cards(state, wanted)
    st.markdown("#### The runs, closer")
    values, differences, taken = st.tabs(["Exact values", "What differs", "Pin, note, take away"])
    with values:
        exact_values(shown)
    with differences:
        compare_settings(shown)
    with taken:
        take_away(state, shown)


def _live(state: State, was_busy: bool) -> None:
    wanted = engine.trainings(state)
    busy = any(training.is_busy and not is_held(training) for training in wanted)
    if was_busy and not busy:
        st.rerun()  # the last tick: stop ticking
    toolbar(state, wanted)
    if error := st.session_state.pop(REFUSED, None):
        show_error(error)
    _hint(wanted)
    shown = [*wanted, *pinned_trainings(state, wanted)]
    curves(state, shown)
    run_table(state, shown)


def _hint(wanted: list[Training]) -> None:
    held = [training for training in wanted if is_held(training)]
    waiting = [t for t in wanted if t.job is not None and t.job.status.state == "queued"]
    if all(training.job is None for training in wanted):
        st.info("Press **Play**: the curves begin within a second.", icon=":material/touch_app:")
    elif held and waiting:
        st.info(
            f"{len(waiting)} of these models wait for a worker, and paused ones keep theirs. "
            "Step fewer models at once, or press Resume.",
            icon=":material/hourglass:",
        )
    for training in wanted:
        if training.job is not None and training.job.status.state in ("failed", "lost"):
            st.warning(
                f"{training.job.status.message} Press Play to try again.", icon=":material/error:"
            )


def _budget(state: State) -> None:
    if session.hidden("budget"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Seed",
            min_value=0,
            max_value=2**31 - 1,
            step=1,
            width=130,
            help="Decides the initial weights and the order of the rows; the same seed gives the "
            "same digits",
            **bound("train.seed", state.seed, lambda seed: session.change(seed=int(seed))),
        )
        st.number_input(
            "Seeds",
            min_value=1,
            max_value=20,
            step=1,
            width=110,
            help="Trainings of each model, with seeds in a row: their spread shows what is noise",
            **bound("train.seeds", state.seeds, lambda seeds: session.change(seeds=int(seeds))),
        )
        with st.popover(
            "Budget and stopping", icon=":material/timer:", disabled=session.hidden("settings")
        ):
            st.caption("The same for every model, so that the comparison is fair.")
            settings(
                state.training,
                ["epochs", "patience", "monitor", "batch_size", "decay", "precision"],
                "train.budget",
                lambda training: session.change(training=training),
            )
            st.caption(
                "Training ends after this many epochs, or when the validation metric has not "
                "improved for the given number of epochs; the best epoch is kept. A loss that is "
                "no number ends the run and says what to lower."
            )
