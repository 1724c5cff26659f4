"""The grid of switches, the components' shares, and the smallest model as good as the best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from recsys_demo.charts.ablation import DotRow
from recsys_demo.config.component_kinds import KINDS
from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.verdicts import FEWEST_SEEDS, NOT_FOUND
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation.effects import effects, signed, with_spread
from recsys_demo.studies.ablation.findings import retrained_finding, shares_finding
from recsys_demo.studies.ablation.grid import (
    AS_IT_IS,
    BASE,
    Grid,
    grid_cells,
    subset_cells,
    whole_model,
)
from recsys_demo.studies.ablation.outcomes import METRIC_NAMES, Outcomes
from recsys_demo.studies.ablation.shapley import Shares, shares
from recsys_demo.studies.ablation.smallest import RULE as SMALLEST_RULE
from recsys_demo.studies.ablation.smallest import Choice, smallest_as_good
from recsys_demo.ui import datasets
from recsys_demo.ui.ablate.choices import AblateChoices, choice
from recsys_demo.ui.ablate.grid_runs import grid_progress, reader, run_bar
from recsys_demo.ui.ablate.models import grid_of, name_of, switches
from recsys_demo.ui.ablate.results import (
    better_side,
    dots,
    effect_chart,
    effect_rows,
    effect_table,
    ghosts,
    metric_control,
    retrained_badge,
    rule,
    sentence,
    slice_control,
    waiting_rows,
)
from recsys_demo.ui.ablate.switchboard import GROUPS
from recsys_demo.ui.finding import FindingPlace
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State

DESIGNS = {"one": "One switch at a time", "all": "All combinations"}
MOST_MODELS = 200


def builder(state: State, choices: AblateChoices, base: RunConfig) -> None:
    """Which switches, and how they are combined."""
    board = switches(base, datasets.schema_of(state))
    names = {key: f"{GROUPS[axis.group]}: {axis.label}" for key, axis in board.items()}
    st.multiselect(
        "Switches",
        list(names),
        format_func=lambda key: names[key],
        placeholder="Choose what to flip",
        **choice("axes", _chosen(choices, names)),
    )
    st.segmented_control(
        "Flip",
        list(DESIGNS),
        format_func=lambda key: DESIGNS[key],
        required=True,
        **choice("design", choices.design),
    )


def _chosen(choices: AblateChoices, known: Sequence[str] | dict[str, str]) -> list[str]:
    wanted: Iterable[str] = KINDS if choices.axes is None else choices.axes
    return [key for key in wanted if key in known]


def grid(state: State, choices: AblateChoices, base: RunConfig, said: FindingPlace) -> bool:
    """The models of the grid and what their switches are worth; whether it is being trained."""
    board = switches(base, datasets.schema_of(state))
    axes = [board[key] for key in _chosen(choices, list(board))]
    if not axes:
        said.clear()
        st.info("Choose at least one switch.", icon=":material/touch_app:")
        return False
    cells = grid_cells(base, axes, choices.design)
    if len(cells) > MOST_MODELS:
        said.clear()
        st.warning(
            f"These are {len(cells):,} models; the page takes {MOST_MODELS}. Choose fewer "
            "switches, or flip one at a time.",
            icon=":material/error:",
        )
        return False
    now = grid_progress(grid_of(cells, state, choices), choices)
    run_bar(now, choices, "grid", "Train the grid")
    outcomes = reader().outcomes(now.grid)
    if len(outcomes) > 1:
        _results(now.grid, outcomes, choices, name_of(base), said)
    else:
        said.say("Each switch is flipped: what the model loses is what the switch is worth.")
        rows = waiting_rows(cell.label for cell in cells if cell.key != BASE)
        against = f"{name_of(base)} {AS_IT_IS}"
        effect_chart(rows, choices.metric, against, "ablate.grid.chart")
    return now.busy


def _results(
    grid: Grid, outcomes: Outcomes, choices: AblateChoices, name: str, said: FindingPlace
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        retrained_badge()
        metric_control(choices)
    slice_ = slice_control(outcomes, choices)
    found = effects(outcomes, grid.cells, slice_, choices.metric)
    names = {cell.key: cell.label for cell in grid.cells} | {BASE: f"{name} {AS_IT_IS}"}
    told = retrained_finding(found, names, outcomes.slice_labels, choices.metric)
    said.say(plain(told))
    before = ghosts("grid", grid, outcomes, slice_, choices.metric)
    rows = effect_rows(found, before)
    effect_chart(rows, choices.metric, f"{name} {AS_IT_IS}", "ablate.grid.chart")
    if moved := [row for row in rows if row.ghost is not None]:
        told = ", ".join(f"{row.label} {row.mean - (row.ghost or 0):+.4f}" for row in moved)
        sentence(f"Against the result before (pale dots): {told}.")
    effect_table(outcomes, grid, choices.metric, found, "ablate.grid.table")
    rule()
    _smallest(outcomes, grid, slice_, choices)


def _smallest(outcomes: Outcomes, grid: Grid, slice_: str, choices: AblateChoices) -> None:
    """The smallest model shown to lose no more than a margin."""
    st.markdown("#### The smallest model as good as the best")
    metric = choices.metric
    st.number_input(
        f"{METRIC_NAMES[metric]} a model may lose and still count as good",
        min_value=0.0001,
        max_value=0.1,
        step=0.001,
        format="%g",
        width=320,
        **choice("margin", choices.margin),
    )
    found = smallest_as_good(outcomes, grid.cells, slice_, metric, choices.margin)
    if found is None:
        st.caption(f"Known once a model has {FEWEST_SEEDS} seeds.")
        return
    on = f"{METRIC_NAMES[metric]} on {outcomes.slice_labels.get(slice_, slice_)}"
    sentence(_chosen_model(found, on, choices.margin))
    best = found.best
    st.dataframe(
        [
            {
                RETRAINED: c.cell.label,
                "parameters": c.parameters,
                "validation": c.mean,
                "against the best": "–" if c is best else signed(c.against_best),
                "test, against the best": "–" if c is best else signed(c.test),
                "as good": c.as_good,
            }
            for c in found.candidates
        ],
        hide_index=True,
        key="ablate.smallest.table",
    )
    st.caption(SMALLEST_RULE)


def _chosen_model(found: Choice, on: str, margin: float) -> str:
    """Which model is chosen, and what few seeds leave open."""
    best, small = found.best, found.smallest
    seeds = len(best.against_best.seeds)
    if best.cell == small.cell:
        told = (
            f"No smaller model was shown to be as good as the best, {_quoted(best.cell.label)} "
            f"with {best.parameters:,} parameters ({on}, validation rows, margin {margin:g}; "
            f"{RETRAINED}, {seeds} seeds)."
        )
    else:
        told = (
            f"{_quoted(small.cell.label)} has {small.parameters:,} parameters and is as good as "
            f"the best, {_quoted(best.cell.label)} with {best.parameters:,}: it loses less than "
            f"{margin:g} {on}, validation rows. On test rows it differs from that by "
            f"{signed(small.test)} ({RETRAINED}, {seeds} seeds)."
        )
    open_ = [_quoted(one.cell.label) for one in found.undecided]
    if not open_:
        return told
    return f"{told} {' and '.join(open_)} {NOT_FOUND} from the best with {seeds} seeds."


def _quoted(text: str) -> str:
    return f"“{text}”"


def component_shares(
    state: State, choices: AblateChoices, base: RunConfig, said: FindingPlace
) -> bool:
    """The Shapley share of each component; whether anything is being trained."""
    whole = whole_model(base, datasets.schema_of(state))
    kinds = whole.model.kinds
    now = grid_progress(grid_of(subset_cells(whole), state, choices), choices)
    run_bar(now, choices, "shares", "Train every combination")
    outcomes = reader().outcomes(now.grid)
    found = {
        s: one
        for s in outcomes.slices()
        if (one := shares(outcomes, kinds, now.grid.seeds, s, choices.metric)) is not None
    }
    if found:
        _shares(found, outcomes, choices, said)
    else:
        said.say("Each component adds its share to the whole: guess which adds most.")
        dots(
            waiting_rows(KINDS[kind].long for kind in kinds),
            _shares_title(choices.metric),
            "ablate.shares.chart",
        )
        if now.done:
            st.caption("Shares appear once every combination is trained with one seed.")
    st.caption(
        f"Every model that can be made of {', '.join(KINDS[k].long for k in kinds)} is trained. A "
        "component's share is what it adds to a model without it, averaged over all orders in "
        "which the components could join (Shapley 1953): the shares add up to what the whole "
        "model has over the bias alone."
    )
    return now.busy


def _shares(
    found: dict[str, Shares], outcomes: Outcomes, choices: AblateChoices, said: FindingPlace
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        retrained_badge()
        metric_control(choices)
    slice_ = slice_control(outcomes, choices)
    one = found.get(slice_) or next(iter(found.values()))
    said.say(plain(shares_finding(one, outcomes.slice_labels.get(one.slice, one.slice))))
    rows = [
        DotRow(KINDS[kind].long, s.value, s.half_width, (), "alone")
        for kind, s in sorted(one.shares.items(), key=lambda item: -abs(item[1].value))
    ]
    dots(rows, _shares_title(one.metric), "ablate.shares.chart")
    st.dataframe(
        [
            {f"{RETRAINED}, on": outcomes.slice_labels.get(key, key)}
            | {KINDS[kind].long: with_spread(s, sign="+") for kind, s in each.shares.items()}
            | {"sum": with_spread(each.total, sign="+")}
            for key, each in found.items()
        ],
        hide_index=True,
        key="ablate.shares.table",
    )
    rule()


def _shares_title(metric: str) -> str:
    return f"share of the test {METRIC_NAMES[metric]}, {RETRAINED} ({better_side(metric)})"
