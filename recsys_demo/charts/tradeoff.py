"""The memorization-generalization map: one dot per model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recsys_demo.charts.theme import GRID, MUTED, TRUTH, axis, escape, label, layout, style

CHANCE = 0.5


@dataclass(frozen=True)
class Dot:
    """A model's place: AUC on never-seen pairs (x) and on pairs to be memorized (y), with the
    half-width of their error bars where there are several seeds."""

    model: str
    x: float
    y: float
    x_spread: float = 0.0
    y_spread: float = 0.0
    note: str = ""


def tradeoff_map(
    dots: Sequence[Dot],
    x_title: str,
    y_title: str,
    trail: Sequence[Dot] = (),
    ceiling: tuple[float, float] | None = None,
    height: int = 430,
) -> go.Figure:
    """Dots now, earlier ones faded, the truth's own score as the ceiling, chance as the floor."""
    figure = go.Figure()
    for dot in _finite(trail):
        figure.add_trace(_marker(dot, size=8, opacity=0.3, text=""))
    for dot in _finite(dots):
        figure.add_trace(_marker(dot, size=18, opacity=1.0, text=f"<b>{_name(dot)}</b>"))
    if ceiling is not None:
        _add_ceiling(figure, ceiling)
    x_range, y_range = _ranges([*_finite(dots), *_finite(trail)], ceiling)
    _add_corners(figure)
    figure.update_layout(
        layout(
            height=height,
            showlegend=False,
            xaxis=axis(title={"text": x_title}, range=x_range, tickformat=".2f"),
            yaxis=axis(title={"text": y_title}, range=y_range, tickformat=".2f"),
        )
    )
    for line in ({"x0": CHANCE, "x1": CHANCE}, {"y0": CHANCE, "y1": CHANCE}):
        vertical = "x0" in line
        figure.add_shape(
            type="line",
            line={"color": MUTED, "width": 1, "dash": "dot"},
            **line,
            **({"y0": 0, "y1": 1, "yref": "paper"} if vertical else {"x0": 0, "x1": 1}),
            **({} if vertical else {"xref": "paper"}),
        )
    return figure


def describe_map(dots: Sequence[Dot], ceiling: tuple[float, float] | None) -> str:
    """The map in words, for those who cannot see it."""
    told = [f"{label(d.model)}: never seen {d.x:.3f}, memorized {d.y:.3f}" for d in _finite(dots)]
    if ceiling is not None:
        told.append(f"the truth itself: {ceiling[0]:.3f} and {ceiling[1]:.3f}")
    return "Map of AUC on never-seen pairs and on pairs to be memorized. " + "; ".join(told)


def _finite(dots: Sequence[Dot]) -> list[Dot]:
    return [dot for dot in dots if math.isfinite(dot.x) and math.isfinite(dot.y)]


def _name(dot: Dot) -> str:
    return escape(label(dot.model))


def _marker(dot: Dot, size: int, opacity: float, text: str) -> go.Scatter:
    look = style(dot.model)
    note = f"<br>{escape(dot.note)}" if dot.note else ""
    return go.Scatter(
        x=[dot.x],
        y=[dot.y],
        error_x={"type": "data", "array": [dot.x_spread], "visible": dot.x_spread > 0},
        error_y={"type": "data", "array": [dot.y_spread], "visible": dot.y_spread > 0},
        mode="markers+text" if text else "markers",
        text=[text],
        textposition="top center",
        textfont={"color": look.colour, "size": 14},
        cliponaxis=False,
        opacity=opacity,
        name=_name(dot),
        customdata=[dot.model],
        marker={"color": look.colour, "symbol": look.symbol, "size": size},
        hovertemplate=(
            f"<b>{_name(dot)}</b>{note}<br>never seen %{{x:.4f}}"
            "<br>to be memorized %{y:.4f}<extra></extra>"
        ),
    )


def _add_ceiling(figure: go.Figure, ceiling: tuple[float, float]) -> None:
    x, y = ceiling
    figure.add_shape(
        type="rect",
        x0=x,
        x1=2,
        y0=0,
        y1=2,
        line={"width": 0},
        fillcolor=GRID,
        layer="below",
    )
    figure.add_shape(
        type="rect", x0=0, x1=x, y0=y, y1=2, line={"width": 0}, fillcolor=GRID, layer="below"
    )
    figure.add_trace(
        go.Scatter(
            x=[x],
            y=[y],
            mode="markers+text",
            text=["the truth"],
            textposition="bottom left",
            textfont={"color": TRUTH},
            marker={"symbol": "star", "size": 14, "color": TRUTH},
            hovertemplate="the planted truth itself<br>%{x:.4f}, %{y:.4f}<extra></extra>",
            name="truth",
            customdata=["truth"],
        )
    )


def _ranges(
    dots: Sequence[Dot], ceiling: tuple[float, float] | None
) -> tuple[list[float], list[float]]:
    """Both axes from about chance to about the ceiling, never cutting a dot off."""
    xs = [dot.x for dot in dots] + ([ceiling[0]] if ceiling else [])
    ys = [dot.y for dot in dots] + ([ceiling[1]] if ceiling else [])
    low_x, high_x = min([CHANCE, *xs]) - 0.03, max([0.8, *xs]) + 0.04
    low_y, high_y = min([CHANCE, *ys]) - 0.04, max([0.9, *ys]) + 0.06
    return [low_x, high_x], [low_y, high_y]


def _add_corners(figure: go.Figure) -> None:
    corners = (
        (0.01, 0.99, "left", "top", "memorizes only"),
        (0.99, 0.01, "right", "bottom", "generalizes only"),
        (0.99, 0.99, "right", "top", "does both"),
    )
    for x, y, x_anchor, y_anchor, text in corners:
        figure.add_annotation(
            x=x,
            y=y,
            xref="paper",
            yref="paper",
            xanchor=x_anchor,
            yanchor=y_anchor,
            text=f"<i>{text}</i>",
            showarrow=False,
            font={"color": MUTED, "size": 13},
        )
