"""Charts of names that look like numbers, dates or nothing, as a practitioner's ids do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recsys_demo.charts import (
    ablation,
    crosses,
    data,
    embedding_lift,
    intervals,
    probes,
    strip,
    tradeoff,
)
from recsys_demo.charts import recommend as recommend_charts
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.features.crosses import Cross, Part
from recsys_demo.studies.crosses.sentences import Row
from recsys_demo.studies.crosses.suggestions import Gain
from recsys_demo.studies.embeddings.lift import PairLift, linkage_orders
from recsys_demo.studies.embeddings.probes import Probe
from recsys_demo.studies.embeddings.vectors import FieldVectors
from recsys_demo.studies.log.statistics import SupportHistogram

# What is given, and what stands on an axis. All digits, or all dates: Plotly would make a scale of
# them. Any text beside them, and it makes categories, in the order of the trace that comes first.
IDS = {name: name for name in ("1001", "007", "17", "1e3", "0134", "0", "-0.50", "3")}
DAYS = {name: name for name in ("2024-01-05", "2024-01-02", "2024-02-29", "2023-12-31")}
ODD = {
    "1001": "1001",
    "007": "007",
    "1e5": "1e5",
    "2024-01-05": "2024-01-05",
    "7": "7",
    "NaN": "NaN",
    "inf": "inf",
    "0x1F": "0x1F",
    "12:30": "12:30",
    "null": "null",
    "": "(missing)",
    "-0.50": "-0.50",
}
Names = tuple[str, ...]
Direction = Literal["down", "up", "right"]


@dataclass(frozen=True)
class Named:
    """A chart with names on an axis, which go in this direction as they were given."""

    chart: str
    figure: go.Figure
    axis: Literal["xaxis", "yaxis"]
    shown: Names
    direction: Direction


@cache
def named_charts() -> tuple[Named, ...]:
    """Every chart that has names on an axis, with every kind of names; read-only."""
    return tuple(_charts_of_every_kind())


def _charts_of_every_kind() -> Iterator[Named]:
    for names in (IDS, DAYS, ODD):
        yield from _named_charts(tuple(names), tuple(names.values()))
    bins = SupportHistogram(
        ("user", "item"), (1, 2, 1_000), (1, 4, None), np.array([5, 0, 2]), np.array([5, 0, 9]), 20
    )
    yield Named("support", data.support(bins, 1), "xaxis", ("1", "2-4", "1,000+"), "right")
    gains = [Gain(Cross((Part(str(i)), Part("2024"))), 2.0, 1.0, 0.9, 3) for i in (9, 10, 7)]
    titles = ("9 x 2024", "10 x 2024", "7 x 2024")
    yield Named("gains", crosses.gains(gains), "yaxis", titles, "down")


def _named_charts(given: Names, shown: Names) -> Iterator[Named]:
    yield Named("value_rates", data.value_rates(_rates(given), 0.4), "yaxis", shown, "down")
    dumbbells = data.dumbbells(given, [0.1] * len(given), [0.9] * len(given))
    yield Named("dumbbells", dumbbells, "yaxis", shown, "down")
    yield Named("rates", crosses.rates(_combinations(given), 0.4), "yaxis", shown, "down")
    lift = _lift(given)
    first, second = (tuple(shown[i] for i in order) for order in linkage_orders(lift))
    for heat in embedding_lift.lift_figures(lift):
        yield Named("lift_figures", heat, "xaxis", second, "right")
        yield Named("lift_figures", heat, "yaxis", first, "up")
    # The first buckets have no value: the lines and bands begin further right.
    values = [float("nan")] * 3 + [0.5] * (len(given) - 3)
    series = [intervals.Series("wide", "Wide", values, values, values)]
    support = intervals.support_chart(given, [5] * len(given), series, ("rows", "AUC"))
    yield Named("support_chart", support, "xaxis", shown, "right")
    dots = intervals.dot_plot(given, series, "gap")
    yield Named("dot_plot", dots, "yaxis", shown, "down")
    labels = tuple(name for name in given if name)
    row_each = strip.strip([tradeoff.Dot(name, 0.6, 0.6) for name in given], "AUC", "AUC")
    yield Named("strip", row_each, "yaxis", shown, "down")
    rows = [ablation.DotRow(name, 0.1, 0.05, [0.1], "better") for name in labels]
    yield Named("dot_chart", ablation.dot_chart(rows, "difference"), "yaxis", labels, "down")
    probed = tuple(f"{name}: linear probe" for name in given)
    yield Named("probe_figure", probes.probe_figure(_probes(given)), "yaxis", probed, "down")
    stages = [recommend_charts.Stage(name, 100 - i, None) for i, name in enumerate(given)]
    funnel = recommend_charts.funnel_chart(stages, "deepfm")
    yield Named("funnel_chart", funnel, "yaxis", shown, "down")


def _rates(given: Names) -> pd.DataFrame:
    columns = {"rows": 10, "positives": 4, "rate": 0.4, "low": 0.3, "high": 0.5}
    return pd.DataFrame(
        {"value": given, **{name: [cell] * len(given) for name, cell in columns.items()}}
    )


def _combinations(given: Names) -> list[Row]:
    return [Row((n,), 9, 4, 0.4, 0.3, 0.5, 1.0, 0.4, 1.0, False, "said") for n in given]


def _probes(given: Names) -> list[Probe]:
    some = Interval(0.5, 0.4, 0.6)
    return [Probe(name, "linear probe", some, some, some, 0.1, 30, 0) for name in given]


def _lift(given: Names) -> PairLift:
    random, n = np.random.default_rng(0), len(given)
    support = pd.DataFrame({"support": np.ones(n, dtype=np.int64)})
    field = FieldVectors("17", given, given, random.normal(size=(n, 3)), support)
    numbers = random.normal(size=(n, n))
    counts = np.ones((n, n), dtype=np.int64)
    return PairLift(field, field, numbers, numbers, np.ones((n, n)), counts, counts)
