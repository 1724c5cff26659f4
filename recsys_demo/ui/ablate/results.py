"""Effects as a dot chart and a table, with the ghost of the result before."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import streamlit as st

from recsys_demo.charts.ablation import DotRow, describe_dots, dot_chart
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.studies.ablation import RETRAINED
from recsys_demo.studies.ablation.effects import MANY, Effect, effects, signed
from recsys_demo.studies.ablation.grid import BASE, Grid
from recsys_demo.studies.ablation.outcomes import METRIC_NAMES, Outcomes
from recsys_demo.ui import datasets
from recsys_demo.ui.ablate.choices import AblateChoices, choice
from recsys_demo.ui.ablate.grid_runs import reader
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.rule_popover import rule_popover
from recsys_demo.ui.state import State

CHART = {"displayModeBar": False, "responsive": True}
GHOSTS = "ablate.ghosts"


def retrained_badge() -> None:
    """Stands above whatever was trained again."""
    st.badge(RETRAINED, icon=":material/model_training:", color="gray")


def metric_control(choices: AblateChoices) -> None:
    """AUC or log loss."""
    st.segmented_control(
        "Metric",
        list(METRIC_NAMES),
        format_func=lambda key: METRIC_NAMES[key],
        required=True,
        label_visibility="collapsed",
        **choice("metric", choices.metric),
    )


def slice_control(outcomes: Outcomes, choices: AblateChoices) -> str:
    """Which rows; gives the slice that is shown."""
    there = outcomes.slices()
    if not there:
        return "all"
    shown = choices.slice if choices.slice in there else there[0]
    st.segmented_control(
        "Test rows",
        there,
        format_func=lambda key: plain(outcomes.slice_labels.get(key, key)),
        required=True,
        label_visibility="collapsed",
        **choice("slice", shown),
    )
    return shown


def better_side(metric: str) -> str:
    """What the eye needs to read a difference."""
    return "right is better" if METRICS[metric].bigger_is_better else "left is better"


def effect_rows(found: Sequence[Effect], before: Mapping[str, float]) -> list[DotRow]:
    """Rows of the chart; `before` are earlier means by label."""
    return [
        DotRow(
            label=effect.label,
            mean=effect.difference.value,
            half=effect.difference.half_width,
            values=effect.differences,
            verdict=effect.verdict,
            ghost=before.get(effect.label),
        )
        for effect in found
    ]


def waiting_rows(labels: Iterable[str]) -> list[DotRow]:
    """Rows of a chart to come, before anything is trained."""
    return [DotRow(label, math.nan, math.nan, (), "alone") for label in labels]


def waiting_slices(state: State) -> list[DotRow]:
    """Such rows for the slices of the state's log."""
    return waiting_rows(one.label for one in measurements.slices(datasets.dataset(state)))


def effect_chart(rows: Sequence[DotRow], metric: str, against: str, key: str) -> None:
    """The chart of differences in a test metric, retrained."""
    title = f"test {METRIC_NAMES[metric]} against {against}, {RETRAINED} ({better_side(metric)})"
    dots(rows, title, key)


def dots(rows: Sequence[DotRow], title: str, key: str, zero: bool = True) -> None:
    """A dot with its interval per row."""
    st.plotly_chart(
        dot_chart(rows, title, zero),
        key=key,
        config=CHART,
        theme=None,
        alt=describe_dots(rows, title),
    )


def effect_table(
    outcomes: Outcomes, grid: Grid, metric: str, order: Sequence[Effect], key: str
) -> None:
    """Every model's difference on every slice, in the chart's order."""
    by_slice = {
        outcomes.slice_labels.get(s, s): {
            effect.cell: effect for effect in effects(outcomes, grid.cells, s, metric)
        }
        for s in outcomes.slices()
    }
    rows = [
        {RETRAINED: effect.label, "seeds": len(effect.seeds)}
        | {
            name: signed(there[effect.cell]) if effect.cell in there else "–"
            for name, there in by_slice.items()
        }
        for effect in order
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key=key)


def rule() -> None:
    """When a model is called better or worse."""
    rule_popover(MANY)
    st.caption(
        "Small dots: single seeds. Triangles: better (filled) or worse (hollow). Circles: could "
        "not be told apart, or cannot be said yet."
    )


def earlier(view: str, grid: Grid, has_results: bool) -> Grid | None:
    """The grid this tab showed before this one, once it had results: its ghosts are drawn."""
    kept: dict[str, tuple[Grid | None, Grid, bool]] = st.session_state.setdefault(GHOSTS, {})
    before, now, had = kept.get(view, (None, grid, False))
    if now != grid:
        before = now if had else before
    kept[view] = (before, grid, has_results)
    return before


def ghosts(view: str, grid: Grid, outcomes: Outcomes, slice_: str, metric: str) -> dict[str, float]:
    """Mean differences of the result before, by label."""
    before = earlier(view, grid, len(outcomes) > 1)
    if before is None:
        return {}
    found = effects(reader().outcomes(before), before.cells, slice_, metric, BASE)
    return {effect.label: effect.difference.value for effect in found}


def sentence(text: str) -> None:
    """An answer in words; names in it come from data."""
    st.markdown(plain(text))
