"""The support curve, whose pair is a choice."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.intervals import Series, describe, support_chart
from recsys_demo.data.pairs import Pair
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.studies.comparison.measures import Estimate
from recsys_demo.studies.comparison.slices import pairs_of
from recsys_demo.studies.comparison.support import Bucket, support_buckets, support_frame
from recsys_demo.ui import words
from recsys_demo.ui.chart_cache import cached_figure
from recsys_demo.ui.chart_panel import chart
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import KEYED, Comparison
from recsys_demo.ui.state import State

SHOWN = ("auc", "logloss")


def support_section(state: State, found: Comparison, control: Control) -> None:
    """AUC and log loss side by side over the same buckets."""
    del state
    pairs = pairs_of(found.data.train)
    pair = control.now.pair if control.now.pair in pairs else pairs[0]
    assert pair is not None  # one of `pairs`
    st.selectbox(
        "Pair",
        pairs,
        format_func=" x ".join,
        width=320,
        help="Test rows are sorted by how many training rows hold their pair of values. A row "
        "with several pairs (several installed apps) counts by the one seen most often.",
        **control.bound("pair", pair),
    )
    for column, metric in zip(st.columns(2), SHOWN, strict=True):
        with column:
            _curve(found, pair, metric)
    st.caption(_caption(found))


def _caption(found: Comparison) -> str:
    text = (
        "Left: pairs never seen in training. Right: pairs seen often. Shaded: 95 % intervals; they "
        "combine sampling error and, with several seeds, seed-to-seed spread."
    )
    if found.data.schema.negatives_per_positive is not None:
        text += f" {words.SAMPLED}"
    return text


def _curve(found: Comparison, pair: Pair, metric: str) -> None:
    buckets = _buckets(found, pair, metric)
    series = [
        Series(
            model.model,
            model.name,
            *columns_of([bucket.estimates[model.key] for bucket in buckets]),
        )
        for model in found.models
    ]
    labels = [bucket.label for bucket in buckets]
    title = METRICS[metric].label
    pair_name = " x ".join(pair)
    rows = [bucket.rows for bucket in buckets]
    titles = (f"training rows with the row's {pair_name} pair", title)
    floor = 0.5 if metric == "auc" else None
    figure = cached_figure(
        ("compare.support", labels, rows, series, titles, floor),
        lambda: support_chart(labels, rows, series, titles, floor=floor),
    )
    chart(
        figure,
        f"compare.support.{metric}",
        describe(labels, series, f"{title} by how often the {pair_name} pair occurred in training"),
        support_frame(buckets, found.models, metric),
    )


def columns_of(
    found: Sequence[Estimate | None],
) -> tuple[list[float], list[float], list[float]]:
    """Values and the ends of their intervals, NaN where there are none."""
    return (
        [math.nan if one is None else one.value for one in found],
        [math.nan if one is None else one.interval.low for one in found],
        [math.nan if one is None else one.interval.high for one in found],
    )


@st.cache_resource(max_entries=40, show_spinner="Comparing ...", hash_funcs=KEYED)
def _buckets(found: Comparison, pair: Pair, metric: str) -> list[Bucket]:
    support = measurements.support(found.data, pair)
    return support_buckets(found.models, found.data, support, metric)
