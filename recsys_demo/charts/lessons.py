"""What was predicted beside what came out: hollow, filled, and the line between them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from recsys_demo.charts.polls import crowd_dots
from recsys_demo.charts.theme import (
    FAINT,
    MUTED,
    axis,
    axis_names,
    axis_title,
    escape,
    label,
    layout,
    name_axis,
    style,
)
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.lessons.reveals.outcomes import Mark, Place

X_RANGE, Y_RANGE = (0.4, 1.0), (0.1, 1.0)
SPACING = 0.02  # of the places that a click can mean
CHANCE = 0.5
TITLE_LINE = 28  # characters below the lines of a phone


def guess_map(
    spots: Mapping[str, tuple[float, float]], x_title: str, y_title: str, hint: str
) -> go.Figure:
    """An empty map on which places are chosen: a click means the nearest of many unseen points."""
    figure = go.Figure()
    xs = np.arange(X_RANGE[0] + SPACING, X_RANGE[1], SPACING).round(2)
    ys = np.arange(Y_RANGE[0] + SPACING, Y_RANGE[1], SPACING).round(2)
    grid_x, grid_y = np.meshgrid(xs, ys)
    figure.add_trace(
        go.Scatter(
            x=grid_x.ravel(),
            y=grid_y.ravel(),
            mode="markers",
            marker={"size": 16, "opacity": 0, "color": MUTED},
            unselected={"marker": {"opacity": 0}},
            selected={"marker": {"opacity": 0}},
            hovertemplate="%{x:.2f}, %{y:.2f}<extra></extra>",
            name=escape(hint),
        )
    )
    for model, (x, y) in spots.items():
        figure.add_trace(_dot(model, x, y, is_guess=True))
    figure.update_layout(_map_layout(x_title, y_title, list(X_RANGE), list(Y_RANGE), 400))
    return figure


def places_chart(places: Sequence[Place], x_title: str, y_title: str) -> go.Figure:
    """Where each dot was expected (hollow) and where it is (filled, with its interval)."""
    figure = go.Figure()
    for place in places:
        x, y = place.x.value, place.y.value
        if place.others:
            figure.add_trace(crowd_dots(place.model, place.others))
        if place.guess is not None:
            figure.add_trace(_gap([place.guess[0], x], [place.guess[1], y], place.model))
            figure.add_trace(_dot(place.model, *place.guess, is_guess=True))
        figure.add_trace(_dot(place.model, x, y, _bars(place.x), _bars(place.y)))
    guesses = [one for p in places for one in (*p.others, *([p.guess] if p.guess else []))]
    xs = [*(place.x.value for place in places), *(x for x, _ in guesses)]
    ys = [*(place.y.value for place in places), *(y for _, y in guesses)]
    ranges = [_around(values) for values in (xs, ys)]
    figure.update_layout(_map_layout(x_title, y_title, ranges[0], ranges[1], 380))
    return figure


def marks_chart(marks: Sequence[Mark], names: Sequence[str], unit: str) -> go.Figure:
    """A line per mark: filled what came out with its interval, hollow the guess, dashed what it is
    measured against."""
    figure = go.Figure()
    shown = axis_names(names)
    for mark, name in zip(marks, shown, strict=True):
        if mark.others:
            figure.add_trace(crowd_dots(mark.model, [(value, name) for value in mark.others]))
        if mark.guess is not None:
            figure.add_trace(_gap([mark.guess, mark.outcome.value], [name, name], mark.model))
            figure.add_trace(_row_dot(mark.model, mark.guess, name, is_guess=True))
        figure.add_trace(_row_dot(mark.model, mark.outcome.value, name, _bars(mark.outcome)))
    for value in dict.fromkeys(mark.reference for mark in marks if mark.reference is not None):
        own = [name for mark, name in zip(marks, shown, strict=True) if mark.reference == value]
        figure.add_trace(_reference(value, own, len(own) == len(shown)))
    figure.update_layout(
        layout(
            height=90 + 46 * len(marks),
            showlegend=False,
            xaxis=axis(title=axis_title("\n".join(textwrap.wrap(unit, TITLE_LINE)))),
            yaxis=axis(**name_axis(shown[::-1])),
        )
    )
    return figure


def describe_places(places: Sequence[Place]) -> str:
    """The map of guesses in words."""
    told = []
    for place in places:
        there = f"{label(place.model)}: {place.x.value:.3f}, {place.y.value:.3f}"
        guess = place.guess
        told.append(there + (f" (guess {guess[0]:.2f}, {guess[1]:.2f})" if guess else ""))
    return "Never-seen pairs, rows to be memorized. " + "; ".join(told)


def describe_marks(marks: Sequence[Mark], names: Sequence[str]) -> str:
    """The lines of the chart in words."""
    told = []
    for mark, name in zip(marks, names, strict=True):
        guess = "" if mark.guess is None else f" (guess {mark.guess:g})"
        told.append(f"{name}: {mark.outcome.value:.4g}{guess}")
    return "; ".join(told)


def _map_layout(
    x_title: str, y_title: str, x_range: list[float], y_range: list[float], height: int
) -> dict[str, Any]:
    line = {"type": "line", "line": {"color": MUTED, "width": 1, "dash": "dot"}}
    still = {"tickformat": ".1f", "fixedrange": True}
    return layout(
        height=height,
        showlegend=False,
        clickmode="event+select",
        dragmode=False,
        xaxis=axis(title=axis_title(x_title), range=x_range, **still),
        yaxis=axis(title=axis_title(y_title), range=y_range, **still),
        shapes=[
            {**line, "x0": CHANCE, "x1": CHANCE, "y0": 0, "y1": 1, "yref": "paper"},
            {**line, "y0": CHANCE, "y1": CHANCE, "x0": 0, "x1": 1, "xref": "paper"},
        ],
    )


def _around(values: Sequence[float]) -> list[float]:
    known = [value for value in values if math.isfinite(value)] or [CHANCE]
    return [min(CHANCE, *known) - 0.05, max(0.9, *known) + 0.05]


def _bars(interval: Interval) -> dict[str, Any] | None:
    if not interval.is_known:
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [interval.high - interval.value],
        "arrayminus": [interval.value - interval.low],
    }


def _dot(
    model: str,
    x: float,
    y: float,
    x_bars: dict[str, Any] | None = None,
    y_bars: dict[str, Any] | None = None,
    *,
    is_guess: bool = False,
) -> go.Scatter:
    look = style(model)
    return go.Scatter(
        x=[x],
        y=[y],
        error_x=x_bars,
        error_y=y_bars,
        mode="markers+text",
        text=[("" if not is_guess else "? ") + escape(label(model))],
        textposition="top right",
        textfont={"color": look.colour, "size": 14},
        cliponaxis=False,
        unselected={"marker": {"opacity": 1}, "textfont": {"color": look.colour}},
        marker=_marker(model, is_guess, 18),
        hovertemplate=f"{escape(label(model))}<br>%{{x:.3f}}, %{{y:.3f}}<extra></extra>",
    )


def _row_dot(
    model: str, x: float, name: str, bars: dict[str, Any] | None = None, *, is_guess: bool = False
) -> go.Scatter:
    return go.Scatter(
        x=[x],
        y=[name],
        error_x=bars,
        mode="markers",
        marker=_marker(model, is_guess, 14),
        hovertemplate="%{x:.4g}<extra></extra>",
    )


def _marker(model: str, is_guess: bool, size: int) -> dict[str, Any]:
    look = style(model)
    hollow = {"symbol": f"{look.symbol}-open", "line": {"width": 3, "color": look.colour}}
    return {"color": look.colour, "symbol": look.symbol, "size": size} | (
        hollow if is_guess else {}
    )


def _gap(xs: list[float], ys: list[Any], model: str) -> go.Scatter:
    colour = style(model).colour
    line = {"color": colour, "width": 2, "dash": "dot"}
    return go.Scatter(x=xs, y=ys, mode="lines", line=line, opacity=0.7, hoverinfo="skip")


def _reference(value: float, names: Sequence[str], is_whole: bool) -> go.Scatter:
    """A dashed line across all rows, or a mark in its own."""
    look: dict[str, Any] = {"mode": "lines", "line": {"color": FAINT, "width": 2, "dash": "dash"}}
    if not is_whole or len(names) == 1:
        line = {"width": 3, "color": MUTED}
        look = {
            "mode": "markers",
            "marker": {"symbol": "line-ns-open", "size": 22, "color": MUTED, "line": line},
        }
    return go.Scatter(
        x=[value] * len(names), y=list(names), hovertemplate="%{x:.4g}<extra></extra>", **look
    )
