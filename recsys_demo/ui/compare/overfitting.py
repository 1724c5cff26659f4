"""Train against test: the degree of overfitting on every slice."""

from __future__ import annotations

import math

import streamlit as st

from recsys_demo.charts.intervals import Series, describe, dot_plot
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.studies.comparison.overfitting import Gap, gap_frame, gaps
from recsys_demo.ui.chart_panel import chart
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.state import State


def fit_section(state: State, found: Comparison, control: Control) -> None:
    """A dot per model and slice: how much worse the model is on rows it has not learned from."""
    del state
    metric = control.now.metric
    st.segmented_control(
        "Metric",
        list(METRICS),
        format_func=lambda key: METRICS[key].label,
        required=True,
        **control.bound("metric"),
    )
    everything = gaps(found.models, metric)
    labels = {one.key: one.label for one in measurements.slices(found.data)}
    keys = list(dict.fromkeys(gap.slice for gap in everything))
    of = {(gap.model, gap.slice): gap for gap in everything}
    series = [
        Series(
            model.model,
            model.name,
            [_value(of.get((model.key, key))) for key in keys],
            [_end(of.get((model.key, key)), False) for key in keys],
            [_end(of.get((model.key, key)), True) for key in keys],
        )
        for model in found.models
    ]
    names = [labels.get(key, key) for key in keys]
    title = f"{METRICS[metric].label}: worse on test than on train rows by"
    chart(
        dot_plot(names, series, title, zero=0.0),
        "compare.fit",
        describe(names, series, title),
        gap_frame(everything, found.models, metric),
    )
    st.caption(
        "At 0 a model does as well on new rows as on those it learned from; the further right, the "
        "more it has fitted its own rows. Training rows have no never-seen slice: each has seen "
        "at least itself. Bars are 95 % intervals over seeds, where there are several."
    )


def _value(gap: Gap | None) -> float:
    return math.nan if gap is None else gap.gap.value


def _end(gap: Gap | None, high: bool) -> float:
    if gap is None:
        return math.nan
    return gap.gap.high if high else gap.gap.low
