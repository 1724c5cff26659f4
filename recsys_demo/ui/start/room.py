"""The Start page: one button, four models, the map that fills."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.charts.tradeoff import Dot, describe_map, tradeoff_map
from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.evaluation.verdicts import FEWEST_SEEDS, NOT_YET
from recsys_demo.ui import datasets, jobs, models, session, words
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.earlier_dots import earlier_dots
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.more_seeds import more_seeds_button
from recsys_demo.ui.state import State

TEST_ROWS = "test rows"
MOST_SEEDS = 2**31


def start_room(state: State) -> None:
    """What the lab is, the one button, and the map that fills."""
    _intro(state)
    _results(state)


def _intro(state: State) -> None:
    """What this is, in one screen's first lines, and the one button."""
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.markdown(
        "People see an app and install it or not. A **wide** model remembers which pairs of apps "
        "go together, the one you have and the one you are shown; a **deep** one places apps in "
        "a space and guesses about pairs it never saw. Train them on the same log and see which "
        "did what."
    )
    wanted = models.trainings(state)
    finished = bool(wanted) and all(training.is_done for training in wanted)
    look: dict[str, Any] = {}
    if finished:
        look = {
            "type": "secondary",
            "icon": ":material/casino:",
            "help": "Does it come out the same? Other starting weights, other order of rows.",
        }
    with right:
        jobs.start_button(
            "Again, with another seed" if finished else f"Train {_counted(len(state.models))}",
            "start.train",
            _begin,
            state,
            finished,
            width="stretch",
            disabled=not wanted or any(training.is_busy for training in wanted),
            **look,
        )


def _counted(models: int) -> str:
    number = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}.get(models, models)
    return f"{number} model" + ("" if models == 1 else "s")


def _begin(state: State, again: bool) -> None:
    if again:
        session.change(seed=(state.seed + state.seeds) % MOST_SEEDS)
        state = session.current()
    models.train(models.trainings(state))


def _results(state: State) -> None:
    """Map and table; redrawn twice a second while something trains."""

    def rate() -> float | None:
        busy = any(training.is_busy for training in models.trainings(state))
        return jobs.TICK_SECONDS if busy else None

    jobs.watched("start.results", rate, lambda: _map_and_table(state))


def _map_and_table(state: State) -> None:
    wanted = models.trainings(state)
    key, name = words.memory_slice(datasets.schema_of(state))
    dots = [dot for own in _by_model(wanted) if (dot := _dot(own, key)) is not None]
    finished = [dot for dot in dots if dot.note == TEST_ROWS]
    earlier = earlier_dots(datasets.dataset(state).fingerprint, dots, finished)
    truth = None if session.hidden("truth") else datasets.truth_auc(state)
    ceiling = (truth["never"], truth[key]) if truth is not None else None
    left, right = st.columns([3, 2], gap="medium")
    missing = _missing(finished, name)
    with left:
        if missing:
            st.info(words.no_map(missing))
        else:
            _map(dots, name, earlier, ceiling)
    with right:
        _table(wanted, key)
        models.show_ended(wanted)
        _verdict(state, wanted, key)


def _map(
    dots: list[Dot], name: str, earlier: Sequence[Dot], ceiling: tuple[float, float] | None
) -> None:
    title = words.memory_title(name)
    figure = cached_figure(
        ("start.map", dots, title, earlier, ceiling),
        lambda: tradeoff_map(dots, words.X_TITLE, title, trail=earlier, ceiling=ceiling),
    )
    st.plotly_chart(
        figure, key="start.map", config=_CHART, alt=describe_map(dots, ceiling), theme=None
    )


def _missing(finished: Sequence[Dot], name: str) -> list[str]:
    """What no finished model could be measured on: a log may hold nothing of the kind."""
    asked = ((words.NEVER, [dot.x for dot in finished]), (name, [dot.y for dot in finished]))
    return [what for what, values in asked if values and not any(map(math.isfinite, values))]


_CHART = {"displayModeBar": False, "responsive": True}


def _by_model(wanted: Sequence[Training]) -> list[list[Training]]:
    """The trainings of each model, one per seed."""
    found: dict[RunConfig, list[Training]] = {}
    for training in wanted:
        found.setdefault(training.config.model_copy(update={"seed": 0}), []).append(training)
    return list(found.values())


def _mean(own: Sequence[Training], slice_: str) -> float:
    """Test AUC of a model, mean over its finished seeds; NaN if there is none."""
    tests = [t.job.result["test"] for t in own if t.job is not None and t.job.result is not None]
    return seed_interval([models.slice_value(test, slice_) for test in tests]).value


def _dot(own: Sequence[Training], memory: str) -> Dot | None:
    """The test result of a model's finished runs, else its last validation result."""
    done = [t for t in own if t.job is not None and t.job.result is not None]
    if done:
        x, y = (_mean(done, slice_) for slice_ in ("never", memory))
        return Dot(done[0].model, x, y, note=TEST_ROWS, key=done[0].job_id)
    first = own[0]
    reports = first.job.of_type("epoch") if first.job is not None else []
    if not reports:
        return None
    valid = reports[-1]["valid"]
    x, y = (_number(valid.get(key, {}).get("auc")) for key in ("never", memory))
    note = f"validation rows, epoch {reports[-1]['epoch']}"
    return Dot(first.model, x, y, note=note, key=first.job_id)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _table(wanted: Sequence[Training], memory: str) -> None:
    st.table(
        [
            {
                "model": plain(label(own[0].model)),
                "all rows": _auc_text(_mean(own, "all")),
                "memorize": _auc_text(_mean(own, memory)),
                "never seen": _auc_text(_mean(own, "never")),
                "training": _progress(own),
            }
            for own in _by_model(wanted)
        ],
        hide_index=True,
        border="horizontal",
    )


def _auc_text(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _progress(own: Sequence[Training]) -> str:
    job = own[0].job
    if len(own) > 1 and job is not None:
        return f"{sum(training.is_done for training in own)} of {len(own)} seeds"
    if job is None:
        return "not yet"
    if job.status.state == "done" and job.result is not None:
        return f"{job.result['train_seconds']:.1f} s"
    if job.status.state == "queued":
        return "waiting" if not job.position else f"waiting behind {job.position}"
    if job.status.has_ended:
        return job.status.state
    reports = job.of_type("epoch")
    return f"epoch {reports[-1]['epoch'] + 1} ..." if reports else "starting ..."


def _verdict(state: State, wanted: Sequence[Training], memory: str) -> None:
    """What came out, from the numbers of these runs; one training each decides nothing."""
    done = [t for t in wanted if t.job and t.job.result]
    if not done:
        star = "" if session.hidden("truth") or not _planted(memory) else _STAR
        st.info(_HOW_TO_READ[_planted(memory)] + star, icon=":material/touch_app:")
        return
    if len(done) < len(wanted):
        return
    lines = []
    for key, where in ((memory, "memorizing"), ("never", "pairs never seen"), ("all", "all rows")):
        means = {own[0].model: _mean(own, key) for own in _by_model(done)}
        known = {model: mean for model, mean in means.items() if math.isfinite(mean)}
        if len(known) > 1:
            top = max(known, key=lambda model: known[model])
            lines.append(f"- Highest AUC on {where}: **{label(top)}**, {known[top]:.3f}")
    st.markdown("\n".join(lines))
    planted = "The log is planted: its exceptions are there on purpose. "
    st.caption((planted if _planted(memory) else "") + _how_sure(state.seeds))
    more_seeds_button(state, "start.seeds")
    _next()


def _how_sure(seeds: int) -> str:
    if seeds < FEWEST_SEEDS:
        return (
            f"This is about one training each. Which model is better {NOT_YET}: other seeds may "
            "come out otherwise."
        )
    return f"Means of {seeds} trainings each. *Compare* says which differences count."


def _planted(memory: str) -> bool:
    return memory == "exceptions"


_MAP = (
    "Up is remembering: {memory}. To the right is guessing: pairs that never occur in training. "
    "AUC is how often an installed app is ranked above one that was not: 0.5 is chance, 1 is "
    "perfect."
)
_HOW_TO_READ = {
    True: _MAP.format(
        memory="exceptions planted in this log, where people do the opposite of their taste"
    ),
    False: _MAP.format(memory="pairs seen 20 times or more"),
}
_STAR = " The star is the planted truth itself: no model can be expected to beat it."
NEXT = (
    ("recommend", "What each would recommend"),
    ("crosses", "Invent a cross, train again"),
    ("compare", "Who is better at what?"),
)


def _next() -> None:
    """Where to go from here."""
    with st.container(gap=None):
        for key, told in NEXT:
            session.room_link(key, told)
