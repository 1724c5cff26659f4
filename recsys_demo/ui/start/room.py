"""The Start page: one button, four models, the map that fills."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.config.run import FIRST_SEEDS
from recsys_demo.evaluation.verdicts import FEWEST_SEEDS, NOT_YET
from recsys_demo.studies.comparison.leads import highest_sentence
from recsys_demo.ui import datasets, jobs, models, session
from recsys_demo.ui.finding import finding
from recsys_demo.ui.lessons.invitation import be_led_button
from recsys_demo.ui.live.dots import NEVER, by_model, mean
from recsys_demo.ui.live.rate import rate
from recsys_demo.ui.live.standings import legend, standings
from recsys_demo.ui.live.travel_map import travel_map
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.more_seeds import more_seeds_button
from recsys_demo.ui.state import State


def start_room(state: State) -> None:
    """What the lab is, the one button, and the map that fills."""
    jobs.watched(
        "start.results", lambda: rate(state, models.trainings(state)), lambda: _results(state)
    )


def _results(state: State) -> None:
    """What can be said, the map and the models; redrawn while something trains."""
    wanted = models.trainings(state)
    memory, name = datasets.memory_slice(state)
    finding(_finding(state, wanted, memory, name))
    left, right = st.columns([13, 7], gap="medium")
    with left:
        travel_map(state, wanted, "start.map", height=None)
    finished = _is_finished(wanted)
    with right:
        _train_button(state, wanted)
        if not finished:
            be_led_button(state)
        begun = any(training.job is not None for training in wanted)
        if begun:
            standings(wanted, memory)
        else:
            legend(wanted)
        models.show_ended(wanted)
        _verdict(state, wanted, memory)
    if finished:
        _ways(state)


def _is_finished(wanted: Sequence[Training]) -> bool:
    return bool(wanted) and all(training.is_done for training in wanted)


def _finding(state: State, wanted: Sequence[Training], memory: str, name: str) -> str:
    """The sentence to be read first: a question until there are results."""
    if not _is_finished(wanted):
        if len(state.models) == 1:
            return "One model trains on the log. Does it memorize or generalize?"
        who = _counted(len(state.models)).capitalize()
        return f"{who} train on the same log. Which memorizes, which generalizes?"
    means = {
        where: {label(own[0].model): mean(own, key) for own in by_model(wanted)}
        for key, where in ((memory, name), (NEVER, "pairs never seen"))
    }
    return plain(highest_sentence(means, state.seeds))


def _top(wanted: Sequence[Training], key: str) -> str | None:
    """The model with the highest mean on this slice; None where fewer than two have one."""
    means = {own[0].model: mean(own, key) for own in by_model(wanted)}
    known = {model: value for model, value in means.items() if math.isfinite(value)}
    return max(known, key=lambda model: known[model]) if len(known) > 1 else None


def _train_button(state: State, wanted: Sequence[Training]) -> None:
    finished = _is_finished(wanted)
    look: dict[str, Any] = {}
    if finished:
        look = {
            "type": "secondary",
            "icon": ":material/casino:",
            "help": "Do the results hold with other initial weights and another order of rows?",
        }
    jobs.start_button(
        "Retrain with a new seed" if finished else f"Train {_counted(len(state.models))}",
        "start.train",
        _begin,
        finished,
        width="stretch",
        disabled=not wanted or any(training.is_busy for training in wanted),
        **look,
    )


def _counted(models: int) -> str:
    number = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}.get(models, models)
    return f"{number} model" + ("" if models == 1 else "s")


def _begin(again: bool) -> None:
    state = session.current()
    if again:
        session.change(seed=(state.seed + state.seeds) % FIRST_SEEDS)
    models.train(models.trainings(session.current()))


def _verdict(state: State, wanted: Sequence[Training], memory: str) -> None:
    """What came out, from the numbers of these runs; one training each decides nothing."""
    done = [t for t in wanted if t.job and t.job.result]
    if not done and any(training.job for training in wanted):
        st.caption(PATHS)
        return
    if not done:
        st.markdown(_WHAT)
        star = "" if session.hidden("truth") or not _planted(memory) else _STAR
        st.caption(_HOW_TO_READ[_planted(memory)] + star)
        return
    if len(done) < len(wanted):
        return
    if (top := _top(done, "all")) is not None:  # the finding names those of the two axes
        value = max(mean(own, "all") for own in by_model(done) if own[0].model == top)
        st.markdown(f"Highest AUC on all rows: **{plain(label(top))}**, {value:.3f}")
    planted = "This log is synthetic; we added the exceptions deliberately. "
    st.caption((planted if _planted(memory) else "") + _how_sure(state.seeds))
    more_seeds_button(state, "start.seeds")


def _how_sure(seeds: int) -> str:
    if seeds < FEWEST_SEEDS:
        return (
            f"These are single trainings. Which model is better {NOT_YET}: other seeds may give "
            "another order."
        )
    return f"Means of {seeds} trainings each. *Compare* says which differences count."


def _planted(memory: str) -> bool:
    return memory == "exceptions"


_WHAT = (
    "Each row of the log shows one item to one person, who takes it or not. A **wide** model "
    "remembers which pairs go together, what you have and what you are shown; a **deep** model "
    "places values in a space, so that it can judge pairs it never saw."
)
_MAP = (
    "Higher means better memorization ({memory}); further right, better generalization (pairs that "
    "never occur in training). AUC is how often a row that was taken is ranked above one "
    "that was not: 0.5 is chance, 1 is perfect."
)
_HOW_TO_READ = {
    True: _MAP.format(
        memory="exceptions planted in this log, where people do the opposite of their taste"
    ),
    False: _MAP.format(memory="pairs seen 20 times or more"),
}
_STAR = " The star is where the true probabilities would be: no model can be expected to beat it."
PATHS = (
    "Each path is a training: a place for every epoch, on validation rows. The last place is that "
    "of the best epoch on test rows."
)
WAYS = (
    ("Play with the data", (("crosses", "Add a cross and retrain"), ("data", "Change the log"))),
    (
        "Look closer",
        (("recommend", "What each would recommend"), ("compare", "Who is better at what?")),
    ),
)


def _ways(state: State) -> None:
    """Where to go from here, side by side; whoever is led already goes on with the card."""
    columns = st.columns(len(WAYS) + (not state.led))
    for column, (title, links) in zip(columns, WAYS, strict=False):
        with column, st.container(border=True, height="stretch", gap=None):
            st.markdown(f"**{title}**")
            for key, told in links:
                session.room_link(key, told)
    if not state.led:
        with columns[-1], st.container(border=True, height="stretch", gap="small"):
            st.markdown("**Be guided**")
            be_led_button(state)
            session.room_link("classroom", "Join a class")
