"""Where models stand by one number, where a log gives nothing for the map's other axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.theme import MUTED, TRUTH, axis, axis_names, label, layout, name_axis
from recsys_demo.charts.tradeoff import CHANCE, Dot, marker

ROW, EDGES = 44, 90  # pixels
AIR = 0.04  # beside the outermost mark, AUC
TRUTH_NAME = "the truth"


def strip(dots: Sequence[Dot], title: str, truth: float | None = None) -> go.Figure:
    """A row per model with its `x`, a line where chance would be, and a row with a star for the
    score of the truth itself."""
    there = _known(dots)
    names = axis_names([*map(_name, there), *([] if truth is None else [TRUTH_NAME])])
    figure = go.Figure(
        layout=layout(
            height=EDGES + ROW * len(names),
            showlegend=False,
            xaxis=axis(title={"text": title}, tickformat=".2f", range=_range(there, truth)),
            yaxis=axis(**name_axis(names), autorange="reversed"),
        )
    )
    for dot, name in zip(there, names, strict=False):
        figure.add_trace(marker(dot, 18, 1.0).update(y=[name], error_y=None))
    if truth is not None:
        star = {"symbol": "star", "size": 14, "color": TRUTH}
        figure.add_scatter(x=[truth], y=[names[-1]], mode="markers", marker=star, hoverinfo="x")
    figure.add_vline(x=CHANCE, line={"color": MUTED, "width": 1, "dash": "dot"})
    return figure


def describe_strip(dots: Sequence[Dot], truth: float | None) -> str:
    """The strip in words."""
    told = [f"{_name(dot)}: {dot.x:.3f}" for dot in _known(dots)]
    told += [] if truth is None else [f"{TRUTH_NAME} itself: {truth:.3f}"]
    return "AUC of each model. " + "; ".join(told)


def _known(dots: Sequence[Dot]) -> list[Dot]:
    return [dot for dot in dots if math.isfinite(dot.x)]


def _name(dot: Dot) -> str:
    return dot.name or label(dot.model)


def _range(dots: Sequence[Dot], truth: float | None) -> list[float]:
    values = [CHANCE, *(dot.x for dot in dots), *([] if truth is None else [truth])]
    return [min(values) - AIR, max(values) + AIR]
