"""Where models stand by one number, where a log gives nothing for the map's other axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import plotly.graph_objects as go

from recsys_demo.charts.dots import CHANCE, Dot, marker
from recsys_demo.charts.paths import Place
from recsys_demo.charts.theme import (
    MUTED,
    TRUTH,
    axis,
    axis_names,
    axis_title,
    layout,
    name_axis,
)

ROW, EDGES = 44, 90  # pixels
AIR = 0.04  # beside the outermost mark, AUC
TRUTH_NAME = "the truth"


def strip(
    dots: Sequence[Dot], x_title: str, y_title: str, ceiling: Place | None = None
) -> go.Figure:
    """Of the map's two axes the one that dots have a value on: a row per model, a line where chance
    would be, and a row with a star for the score of the truth itself."""
    there, truth = _along(dots), _truth(dots, ceiling)
    title = y_title if _is_by_memory(dots) else x_title
    names = axis_names([*(dot.title for dot in there), *([] if truth is None else [TRUTH_NAME])])
    figure = go.Figure(
        layout=layout(
            height=EDGES + ROW * len(names),
            showlegend=False,
            xaxis=axis(title=axis_title(title), tickformat=".2f", range=_range(there, truth)),
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


def describe_strip(dots: Sequence[Dot], ceiling: Place | None = None) -> str:
    """The strip in words."""
    truth = _truth(dots, ceiling)
    told = [f"{dot.title}: {dot.x:.3f}" for dot in _along(dots)]
    told += [] if truth is None else [f"{TRUTH_NAME} itself: {truth:.3f}"]
    return "AUC of each model. " + "; ".join(told)


def missing_axes(dots: Sequence[Dot], names: tuple[str, str]) -> list[str]:
    """What no dot could be measured on, of the rows of the map's two axes: a log may hold nothing
    of the kind."""
    values = [dot.x for dot in dots], [dot.y for dot in dots]
    found = zip(names, values, strict=True)
    return [name for name, there in found if not any(map(math.isfinite, there))]


def no_map(missing: Sequence[str]) -> str:
    """Why there is nothing to place models by: what the test rows lack for an axis."""
    return f"No map: the test rows hold no {' and no '.join(missing)}."


def _is_by_memory(dots: Sequence[Dot]) -> bool:
    """Whether dots have a value on the map's vertical axis only."""
    return not any(math.isfinite(dot.x) for dot in dots)


def _along(dots: Sequence[Dot]) -> list[Dot]:
    """The dots on the axis they have a value on, which is their `x` then."""
    if _is_by_memory(dots):
        dots = [replace(dot, x=dot.y, x_error=dot.y_error) for dot in dots]
    return [dot for dot in dots if math.isfinite(dot.x)]


def _truth(dots: Sequence[Dot], ceiling: Place | None) -> float | None:
    return None if ceiling is None else ceiling[_is_by_memory(dots)]


def _range(dots: Sequence[Dot], truth: float | None) -> list[float]:
    values = [CHANCE, *([] if truth is None else [truth])]
    values += [end for dot in dots for end in (dot.x - dot.x_error[0], dot.x + dot.x_error[1])]
    return [min(values) - AIR, max(values) + AIR]
