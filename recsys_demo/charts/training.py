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
LABEL_CHARACTERS = 14


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


def learning_curves(curves: Sequence[Curve], metric: str, height: int = 300) -> go.Figure:
    """Lines over epochs, exact values on hover; thin lines are the training rows, open symbols
    pinned runs, a ring the epoch that was kept."""
    figure = go.Figure(layout=layout(height=height, hovermode="x unified", showlegend=False))
    for curve in curves:
        figure.add_scatter(**_line(curve))
    _mark_best(figure, curves)
    _name_lines(figure, curves)
    longest = max((max(curve.epochs, default=0) for curve in curves), default=0)
    # Room for names at the right, and one epoch more than there is, so that a curve can grow.
    figure.update_xaxes(
        axis(title="epoch", dtick=max(1, longest // 8), range=[0, max(3, longest * 1.02)])
    )
    figure.update_yaxes(axis(tickformat=".2f"))
    if not any(curve.values for curve in curves):
        figure.update_yaxes(range=EMPTY_RANGES.get(metric))
    longest_name = max((len(curve.name) for curve in curves), default=0)
    right = 16 + 7 * min(longest_name, LABEL_CHARACTERS)
    figure.update_layout(margin={"l": 48, "r": right, "t": 8, "b": 40})
    return figure


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


def _name_lines(figure: go.Figure, curves: Sequence[Curve]) -> None:
    """Names beside the lines' ends, pushed apart where they would cover each other; of several
    seeds only the first is named."""
    firsts: dict[str, Curve] = {}
    for curve in curves:
        if not curve.is_training and curve.values and math.isfinite(curve.values[-1]):
            firsts.setdefault(curve.name, curve)
    values = [value for curve in curves for value in curve.values if math.isfinite(value)]
    gap = LABEL_GAP * ((max(values) - min(values)) or 1.0) if values else 0.0
    lowest = -math.inf
    labelled = sorted(firsts.values(), key=lambda c: c.values[-1])
    labels = short_names([curve.name for curve in labelled], LABEL_CHARACTERS)
    for curve, label in zip(labelled, labels, strict=True):
        lowest = max(curve.values[-1], lowest + gap)
        figure.add_annotation(
            x=1.01,
            xref="paper",
            y=lowest,
            text=escape(label),
            font={"color": style(curve.model).colour, "size": 12},
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
