"""Learning curves: what each run's metric was after each epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recsys_demo.charts.theme import axis, escape, layout, style
from recsys_demo.studies.names import short_names

METRIC_NAMES = {"auc": "AUC", "logloss": "log loss"}
# What an empty chart shows: where the curves will be.
EMPTY_RANGES = {"auc": (0.45, 1.0), "logloss": (0.35, 0.7)}
# The height of a line of text as a share of the chart's.
LABEL_GAP = 0.11
LEADER = 1.03  # where lines from the curves to their names end
TICKS = 5
STEPS = (15, 30, 60, 100, 200)  # ends of the axis of epochs while something trains
LABEL_CHARACTERS = 14
LETTER = 9  # pixels of a letter on a projector


@dataclass(frozen=True)
class Curve:
    """One run's metric; `epochs` are whole for validation rows, and within an epoch for the loss of
    training rows. `best` is the epoch whose weights were kept, if that is known."""

    model: str
    name: str
    epochs: Sequence[float]
    values: Sequence[float]
    best: int | None = None
    is_training: bool = False
    is_pin: bool = False


def learning_curves(
    curves: Sequence[Curve], metric: str, height: int = 300, most: int | None = None
) -> go.Figure:
    """Lines over epochs, exact values on hover; thin lines are the training rows, open symbols
    pinned runs, a ring the epoch that was kept. While something trains, for `most` epochs, the
    axes stand still."""
    figure = go.Figure(layout=layout(height=height, hovermode="x unified", showlegend=False))
    for curve in curves:
        figure.add_scatter(**_line(curve))
    _mark_best(figure, curves)
    end = _end(curves, most)
    low, high = _value_range(curves, metric, most is not None)
    _name_lines(figure, curves, end, high - low)
    figure.update_xaxes(
        axis(
            title={"text": "epoch", "font": {"size": 13}, "standoff": 4},
            dtick=max(1, math.ceil(end / TICKS)),
            range=[0, end],
        )
    )
    figure.update_yaxes(axis(tickformat=".2f", nticks=TICKS, range=[low, high]))
    longest_name = max((len(curve.name) for curve in curves), default=0)
    right = 16 + LETTER * min(longest_name, LABEL_CHARACTERS)
    figure.update_layout(margin={"l": 48, "r": right, "t": 8, "b": 36})
    return figure


def _end(curves: Sequence[Curve], most: int | None) -> float:
    """Where the axis of epochs ends: behind the last one; while something trains at one of a few
    round numbers, so that it seldom moves."""
    longest = max((max(curve.epochs, default=0) for curve in curves), default=0)
    if most is None:
        return max(3, longest * 1.02)
    return min(most, next((step for step in STEPS if step >= longest), most)) * 1.02


def _value_range(curves: Sequence[Curve], metric: str, is_still: bool) -> tuple[float, float]:
    """The axis of values: around them, and not less than an empty chart's while something
    trains."""
    values = [value for curve in curves for value in curve.values if math.isfinite(value)]
    if is_still or not values:
        values += EMPTY_RANGES.get(metric, (0.0, 1.0))
    low, high = min(values), max(values)
    air = 0.06 * ((high - low) or 0.1)
    return low - air, high + air


def _line(curve: Curve) -> dict[str, object]:
    look = style(curve.model)
    thin = curve.is_training
    return {
        "x": list(curve.epochs),
        "y": list(curve.values),
        "mode": "lines" if thin else "lines+markers",
        "name": escape(f"{curve.name}, training" if thin else curve.name),
        "line": {
            "color": look.colour,
            "width": 1 if thin else 2,
            "dash": "dot" if curve.is_pin else "solid",
        },
        "marker": {"symbol": look.symbol + ("-open" if curve.is_pin else ""), "size": 7},
        "opacity": 0.6 if thin else 1.0,
        "hovertemplate": "%{y:.4f}",
    }


def _name_lines(figure: go.Figure, curves: Sequence[Curve], end: float, height: float) -> None:
    """Names beside the lines' ends, pushed apart where they would cover each other and led to from
    there; of several seeds only the first is named. `end` and `height` are those of the axes."""
    firsts: dict[str, Curve] = {}
    for curve in curves:
        if not curve.is_training and curve.values and math.isfinite(curve.values[-1]):
            firsts.setdefault(curve.name, curve)
    gap = LABEL_GAP * height
    lowest = -math.inf
    labelled = sorted(firsts.values(), key=lambda c: c.values[-1])
    labels = short_names([curve.name for curve in labelled], LABEL_CHARACTERS)
    for curve, label in zip(labelled, labels, strict=True):
        lowest = max(curve.values[-1], lowest + gap)
        colour = style(curve.model).colour
        figure.add_shape(
            type="line",
            xref="paper",
            x0=curve.epochs[-1] / end,
            y0=curve.values[-1],
            x1=LEADER,
            y1=lowest,
            line={"color": colour, "width": 1},
            opacity=0.5,
        )
        figure.add_annotation(
            x=LEADER,
            xref="paper",
            y=lowest,
            text=escape(label),
            font={"color": colour, "size": 12},
            showarrow=False,
            xanchor="left",
            yanchor="middle",
        )


def describe_curves(curves: Sequence[Curve], metric: str) -> str:
    """The chart in words."""
    told = [
        f"{curve.name}: {curve.values[-1]:.4f} after epoch {curve.epochs[-1]:g}"
        for curve in curves
        if curve.values and not curve.is_training
    ]
    return f"{METRIC_NAMES.get(metric, metric)} by epoch. " + ("; ".join(told) or "No values yet.")


def _mark_best(figure: go.Figure, curves: Sequence[Curve]) -> None:
    best = [
        (curve, list(curve.epochs).index(curve.best))
        for curve in curves
        if not curve.is_training and curve.best is not None and curve.best in curve.epochs
    ]
    if best:
        figure.add_scatter(
            x=[curve.epochs[at] for curve, at in best],
            y=[curve.values[at] for curve, at in best],
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": 15,
                "line": {"width": 2},
                "color": [style(curve.model).colour for curve, _ in best],
            },
            hoverinfo="skip",
        )
