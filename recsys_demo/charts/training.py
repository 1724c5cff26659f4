"""Learning curves: what each run's metric was after each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recsys_demo.charts.theme import axis, escape, label, layout, style

METRIC_NAMES = {"auc": "AUC", "logloss": "log loss"}


@dataclass(frozen=True)
class Curve:
    """One run's metric by epoch; `best` is the epoch whose weights were kept, if that is known."""

    model: str
    name: str
    epochs: Sequence[int]
    values: Sequence[float]
    best: int | None = None
    faint: bool = False


def learning_curves(curves: Sequence[Curve], metric: str, height: int = 300) -> go.Figure:
    """Lines over epochs, exact values on hover; thin dotted lines are the training rows."""
    figure = go.Figure(layout=layout(height=height, hovermode="x unified", showlegend=False))
    named: set[str] = set()
    for curve in curves:
        look = style(curve.model)
        figure.add_scatter(
            x=list(curve.epochs),
            y=list(curve.values),
            mode="lines" if curve.faint else "lines+markers",
            name=escape(curve.name),
            line={
                "color": look.colour,
                "width": 1 if curve.faint else 2,
                "dash": "dot" if curve.faint else "solid",
            },
            marker={"symbol": look.symbol, "size": 7},
            opacity=0.75 if curve.faint else 1.0,
            hovertemplate="%{y:.4f}",
        )
        if not curve.faint and curve.values and curve.model not in named:
            named.add(curve.model)
            figure.add_annotation(
                x=curve.epochs[-1],
                y=curve.values[-1],
                text=escape(label(curve.model)),
                font={"color": look.colour, "size": 12},
                showarrow=False,
                xanchor="right",
                yanchor="bottom",
            )
    _mark_best(figure, curves)
    figure.update_xaxes(axis(title="epoch", dtick=_tick(curves), rangemode="tozero"))
    figure.update_yaxes(axis(title=METRIC_NAMES.get(metric, metric), tickformat=".3f"))
    return figure


def describe_curves(curves: Sequence[Curve], metric: str) -> str:
    """The chart in words."""
    told = [
        f"{label(curve.model)} {curve.name}: {curve.values[-1]:.4f} after epoch {curve.epochs[-1]}"
        for curve in curves
        if curve.values and not curve.faint
    ]
    return f"{METRIC_NAMES.get(metric, metric)} by epoch. " + ("; ".join(told) or "No values yet.")


def _mark_best(figure: go.Figure, curves: Sequence[Curve]) -> None:
    best = [
        (curve, curve.epochs.index(curve.best))
        for curve in curves
        if not curve.faint and curve.best in curve.epochs
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


def _tick(curves: Sequence[Curve]) -> int:
    longest = max((len(curve.epochs) for curve in curves), default=0)
    return max(1, longest // 8)
