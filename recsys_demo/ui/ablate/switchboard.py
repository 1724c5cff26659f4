"""Flip one switch, train, and see every slice move away from its ghost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from recsys_demo.charts.ablation import DotRow
from recsys_demo.config.run import RunConfig
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation.axes import Axis, Group, Option
from recsys_demo.studies.ablation.effects import Effect, compare, signed, with_spread
from recsys_demo.studies.ablation.findings import retrained_finding
from recsys_demo.studies.ablation.grid import AS_IT_IS, Cell, variant
from recsys_demo.studies.ablation.outcomes import METRIC_NAMES, Outcomes
from recsys_demo.ui import datasets
from recsys_demo.ui.ablate.choices import AblateChoices, Flips, choose
from recsys_demo.ui.ablate.grid_runs import ROOM, follow, grid_progress, reader, run_bar
from recsys_demo.ui.ablate.models import grid_of, name_of, switches
from recsys_demo.ui.ablate.results import (
    better_side,
    dots,
    metric_control,
    retrained_badge,
    rule,
    waiting_slices,
)
from recsys_demo.ui.finding import FindingPlace
from recsys_demo.ui.live.orders import awaits_room
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound, button

GROUPS: Mapping[Group, str] = {
    "components": "Components",
    "crosses": "Crosses",
    "embeddings": "Embeddings",
    "deep": "Deep part",
    "wide": "Wide part",
    "training": "Training",
    "fields": "Fields",
}


def switchboard(state: State, choices: AblateChoices, base: RunConfig) -> None:
    """A control per switch of the model."""
    board = switches(base, datasets.schema_of(state))
    groups = [group for group in GROUPS if any(a.group == group for a in board.values())]
    last = [board[key].group for key, _ in choices.flipped if key in board][-1:]
    tabs = st.tabs([GROUPS[g] for g in groups], default=GROUPS[last[0]] if last else None)
    for tab, group in zip(tabs, groups, strict=True):
        with tab, st.container(horizontal=True):
            for axis in board.values():
                if axis.group == group:
                    _switch(axis, choices)
    if choices.flipped:
        with st.container(horizontal=True, vertical_alignment="center"):
            names = ", ".join(option.label for option in options_of(choices.flipped, board))
            st.markdown(f"Flipped: {plain(names)}")
            button("All back", "ablate.flip.back", _flip, choices, type="tertiary")


def _switch(axis: Axis, choices: AblateChoices) -> None:
    labels = {"": AS_IT_IS} | {option.key: option.label for option in axis.options}
    now = dict(choices.flipped).get(axis.key, "")
    st.selectbox(
        plain(axis.label),
        list(labels),
        format_func=lambda key: labels[key],
        width=225,
        **bound(
            f"ablate.flip.{axis.key}",
            now if now in labels else "",
            lambda option: _flip(choices, axis.key, option),
        ),
    )


def _flip(choices: AblateChoices, axis: str | None = None, option: str = "") -> None:
    """Without an axis all switches go back."""
    flipped = {key: value for key, value in choices.flipped if axis not in (None, key)}
    if option and axis is not None:
        flipped[axis] = option
    choose(before=choices.flipped, flipped=tuple(flipped.items()))


def options_of(flips: Flips, board: Mapping[str, Axis]) -> list[Option]:
    """The options of these flips, in the switches' order; those this model lacks are left out."""
    wanted = dict(flips)
    return [
        option
        for axis in board.values()
        for option in axis.options
        if wanted.get(axis.key) == option.key
    ]


def variant_section(
    state: State, choices: AblateChoices, base: RunConfig, said: FindingPlace
) -> bool:
    """The variant against the one before; whether anything is being trained."""
    board = switches(base, datasets.schema_of(state))
    now, before = (
        variant(base, options_of(flips, board)) for flips in (choices.flipped, choices.before)
    )
    if now is None:
        said.clear()
        st.warning(
            "These switches contradict each other, such as halving a network that is switched "
            "off. Undo one.",
            icon=":material/error:",
        )
        return False
    if before is None or before == now:
        st.info(
            "Flip a switch: the model is trained again with it, with the same seeds and the "
            "same budget, and shown beside what it was before.",
            icon=":material/touch_app:",
        )
        before = now
    cells = (now,) if before == now else (before, now)
    at = grid_progress(grid_of(cells, state, choices), choices)
    if state.live and before != now:
        follow(at)
    run_bar(at, choices, "flip", f"Train both ({at.runs} runs)" if before != now else "Train it")
    outcomes = reader().outcomes(at.grid)
    said.say(plain(_finding(outcomes, before, now, name_of(base), choices.metric)))
    _result(outcomes, before, now, choices, waiting_slices(state))
    return at.busy or awaits_room(state, ROOM)


def _finding(outcomes: Outcomes, before: Cell, now: Cell, name: str, metric: str) -> str:
    """What the last flip did; before there is one, what to do."""
    if before == now or not outcomes.of(now.key):
        return f"{name} {AS_IT_IS}: flip a switch, and see on which rows it loses."
    names = {
        cell.key: f"{name} {AS_IT_IS}" if cell.label == AS_IT_IS else cell.label
        for cell in (before, now)
    }
    found = _found(outcomes, before, now, metric)
    return retrained_finding(found, names, outcomes.slice_labels, metric)


def _result(
    outcomes: Outcomes,
    before: Cell,
    now: Cell,
    choices: AblateChoices,
    waiting: Sequence[DotRow],
) -> None:
    """`waiting`: the rows of the chart while there is nothing to show on them."""
    title = f"test {METRIC_NAMES[choices.metric]}, {RETRAINED} ({better_side(choices.metric)})"
    if not outcomes.of(now.key):
        dots(waiting, title, "ablate.flip.chart", zero=False)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        retrained_badge()
        metric_control(choices)
    found = _found(outcomes, before, now, choices.metric)
    labels = outcomes.slice_labels
    rows = [
        DotRow(
            labels.get(e.slice, e.slice),
            e.changed.value,
            e.changed.half_width,
            [o.value(e.slice, e.metric) for o in outcomes.of(now.key)],
            e.verdict if now != before else "alone",
            e.base.value if now != before else None,
        )
        for e in found
        if e.evidence is not None
    ]
    dots(rows, title, "ablate.flip.chart", zero=False)
    _table(found, labels, before, now)
    rule()


def _found(outcomes: Outcomes, before: Cell, now: Cell, metric: str) -> list[Effect]:
    """The difference on every slice."""
    return [compare(outcomes, now.key, before.key, s, metric) for s in outcomes.slices()]


def _table(found: Sequence[Effect], labels: Mapping[str, str], before: Cell, now: Cell) -> None:
    columns: dict[str, Callable[[Effect], str]] = {
        f"before: {before.label}": lambda e: with_spread(e.base),
        f"now: {now.label}": lambda e: with_spread(e.changed),
        "difference": signed,
        "verdict": lambda e: e.verdict,
    }
    if before == now:
        columns = {now.label: lambda e: with_spread(e.changed)}
    st.dataframe(
        [
            {f"{RETRAINED}, on": labels.get(e.slice, e.slice)}
            | {name: tell(e) for name, tell in columns.items()}
            for e in found
        ],
        hide_index=True,
        key="ablate.flip.table",
    )
