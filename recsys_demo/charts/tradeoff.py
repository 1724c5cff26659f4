"""The memorization-generalization map: one dot per model."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import plotly.graph_objects as go

from recsys_demo.charts.dots import AUCS, CHANCE, TRAVELS, Dot, ends_of, error_bars, finite, marker
from recsys_demo.charts.name_corners import name_corners
from recsys_demo.charts.paths import Place, path_trace
from recsys_demo.charts.theme import (
    GRID,
    MUTED,
    TRUTH,
    axis,
    axis_title,
    escape,
    layout,
)

CROWDED = 0.08
LOWEST = 0.2
HEIGHT = 430


def tradeoff_map(
    dots: Sequence[Dot],
    x_title: str,
    y_title: str,
    trail: Sequence[Dot] = (),
    ceiling: Place | None = None,
    height: int = HEIGHT,
    zoom: bool | None = None,
    popularity: Place | None = None,
) -> go.Figure:
    """Dots now with the paths they came by, earlier ones hollow and faded, the truth's own score as
    the ceiling, chance as the floor, and what popularity alone reaches.

    `zoom` shows the dots' surroundings only; None leaves it to `is_crowded`.
    """
    near = is_crowded(dots) if zoom is None else zoom
    baseline = [] if popularity is None else finite([Dot("popularity", *popularity)])
    everything = [*finite(dots), *finite(trail), *baseline]
    x_range, y_range = _near(finite(dots)) if near else map_ranges(everything, ceiling)
    traces = [
        marker(dot, size=10, opacity=max(0.15, 0.45 - 0.02 * age), is_hollow=True)
        for age, dot in enumerate(reversed(finite(trail)))
    ]
    if not near:  # from far away a path would come out of the plot
        traces += [path_trace(dot.model, dot.way) for dot in finite(dots) if dot.path]
    corners = _names([*finite(dots), *baseline], x_range, y_range)
    for place, (dot, corner) in enumerate(zip(finite(dots), corners, strict=False)):
        # By this the browser knows the dot again when the map is drawn anew.
        look: dict[str, Any] = {"meta": f"{TRAVELS}{place}"}
        if not dot.is_waiting:
            look |= {"mode": "markers+text", "text": [_written(dot, corner)]}
        faint = 0.6 if dot.is_waiting else 1.0
        traces.append(marker(dot, 18, faint, textposition=corner, **look))
    if ceiling is not None:
        traces.append(_truth(ceiling))
    traces += [_popularity(dot, corners[-1]) for dot in baseline]
    # All at once: Plotly looks through a figure again for everything that is added to it.
    return go.Figure(
        traces,
        layout(
            height=height,
            showlegend=False,
            xaxis=axis(title=axis_title(x_title), range=x_range, tickformat=_digits(x_range)),
            yaxis=axis(title=axis_title(y_title), range=y_range, tickformat=_digits(y_range)),
            shapes=[*(_unreached(ceiling) if ceiling is not None else ()), *floor()],
            annotations=_corners(),
        ),
    )


def describe_map(
    dots: Sequence[Dot], ceiling: Place | None, popularity: Place | None = None
) -> str:
    """The map in words, for those who cannot see it."""
    told = [
        f"{d.title}: never seen {d.x:.3f}, memorized {d.y:.3f}"
        for d in finite(dots)
        if not d.is_waiting
    ]
    told += [f"{d.title}: not trained yet" for d in dots if d.is_waiting]
    if ceiling is not None:
        told.append(f"the truth itself: {ceiling[0]:.3f} and {ceiling[1]:.3f}")
    if popularity is not None:
        told.append(f"popularity alone: {popularity[0]:.3f} and {popularity[1]:.3f}")
    return "Map of AUC on never-seen pairs and on pairs to be memorized. " + "; ".join(told)


def is_crowded(dots: Sequence[Dot]) -> bool:
    """Whether the dots could not be told apart on axes that begin at chance."""
    there = finite(dots)
    if len(there) < 2 or any(dot.is_waiting for dot in there):
        return False
    return all(max(values) - min(values) < CROWDED for values in _places(there))


def _places(dots: Sequence[Dot]) -> tuple[list[float], list[float]]:
    return [dot.x for dot in dots], [dot.y for dot in dots]


def _names(dots: Sequence[Dot], x_range: list[float], y_range: list[float]) -> list[str]:
    """Where each dot's name stands."""

    def spot(place: Place) -> Place:
        (left, right), (low, high) = x_range, y_range
        return (place[0] - left) / (right - left), (place[1] - low) / (high - low)

    drawn = [
        line for dot in dots for line in (*error_bars(dot), *pairwise(dot.way if dot.path else ()))
    ]
    return name_corners(
        [dot.title for dot in dots],
        [spot((dot.x, dot.y)) for dot in dots],
        spot((CHANCE, CHANCE)),
        [(spot(start), spot(end)) for start, end in drawn],
    )


def _written(dot: Dot, corner: str) -> str:
    """The name, away from a dot with an error bar: its neighbour's bar may reach as far."""
    text = f"<b>{escape(dot.title)}</b>"
    if not any(dot.x_error):
        return text
    return f"{text}\N{EN SPACE}" if corner.endswith("left") else f"\N{EN SPACE}{text}"


def floor() -> list[dict[str, Any]]:
    """Where chance would be, on both axes: two lines."""
    look = {"type": "line", "line": {"color": MUTED, "width": 1, "dash": "dot"}}
    vertical = {"x0": CHANCE, "x1": CHANCE, "y0": 0, "y1": 1, "yref": "paper"}
    horizontal = {"y0": CHANCE, "y1": CHANCE, "x0": 0, "x1": 1, "xref": "paper"}
    return [look | vertical, look | horizontal]


def _unreached(ceiling: Place) -> list[dict[str, Any]]:
    """The areas beyond the truth's own score."""
    x, y = ceiling
    look = {"type": "rect", "line": {"width": 0}, "fillcolor": GRID, "layer": "below"}
    return [
        look | {"x0": x, "x1": 2, "y0": 0, "y1": 2},
        look | {"x0": 0, "x1": x, "y0": y, "y1": 2},
    ]


def _truth(ceiling: Place) -> go.Scatter:
    """The truth's own score."""
    return go.Scatter(
        x=[ceiling[0]],
        y=[ceiling[1]],
        mode="markers+text",
        text=["the truth"],
        textposition="bottom left",
        textfont={"color": TRUTH},
        marker={"symbol": "star", "size": 14, "color": TRUTH},
        hovertemplate="the true probabilities<br>%{x:.4f}, %{y:.4f}<extra></extra>",
        name="truth",
        customdata=["truth"],
        unselected={"marker": {"opacity": 1.0}, "textfont": {"color": TRUTH}},
    )


def _popularity(dot: Dot, corner: str) -> go.Scatter:
    """The baseline: smaller than a model and without colour."""
    return go.Scatter(
        x=[dot.x],
        y=[dot.y],
        mode="markers+text",
        text=["popularity"],
        textposition=corner,
        textfont={"color": MUTED, "size": 12},
        marker={"symbol": "asterisk-open", "size": 11, "color": MUTED, "line": {"width": 2}},
        hovertemplate="<b>popularity</b><br>how often the item was taken, whoever is asked"
        f"{AUCS}<extra></extra>",
        name=dot.model,
        customdata=[dot.model],
        unselected={"marker": {"opacity": 1.0}, "textfont": {"color": MUTED}},
    )


def map_ranges(
    dots: Sequence[Dot], ceiling: tuple[float, float] | None
) -> tuple[list[float], list[float]]:
    """Both axes from about chance to about the ceiling, never cutting a dot off."""
    xs = [end for dot in dots for end in ends_of(dot.x, dot.x_error)]
    ys = [end for dot in dots for end in ends_of(dot.y, dot.y_error)]
    xs += [x for dot in dots for x, _ in dot.path]
    ys += [y for dot in dots for _, y in dot.path]
    if ceiling is not None:
        xs, ys = [*xs, ceiling[0]], [*ys, ceiling[1]]
    low_x, high_x = min([CHANCE - 0.02, *xs]) - 0.03, max([0.8, *xs]) + 0.04
    # What is planted against taste is ranked far below chance by who knows nothing but taste.
    floor = CHANCE if ceiling is None else LOWEST
    low_y, high_y = min([floor, *ys]) - 0.04, max([0.9, *ys]) + 0.06
    return [low_x, high_x], [low_y, high_y]


def _digits(ends: list[float]) -> str:
    """How exactly an axis of this length is written."""
    length = ends[1] - ends[0]
    return ".2f" if length > 0.05 else ".3f" if length > 0.005 else ".4f"


def _near(dots: Sequence[Dot]) -> tuple[list[float], list[float]]:
    """Both axes around the dots and their error bars, with room for names."""
    ranges = []
    for ends in (
        [end for dot in dots for end in ends_of(dot.x, dot.x_error)],
        [end for dot in dots for end in ends_of(dot.y, dot.y_error)],
    ):
        room = max(0.25 * (max(ends) - min(ends)), 0.002)
        ranges.append([min(ends) - room, max(ends) + room])
    return ranges[0], ranges[1]


def _corners() -> list[dict[str, Any]]:
    """What a place near each corner means."""
    corners = (
        (0.01, 0.99, "left", "top", "memorizes only"),
        (0.99, 0.01, "right", "bottom", "generalizes only"),
        (0.99, 0.99, "right", "top", "does both"),
    )
    return [
        {
            "x": x,
            "y": y,
            "xref": "paper",
            "yref": "paper",
            "xanchor": x_anchor,
            "yanchor": y_anchor,
            "align": x_anchor,  # larger letters grow into the plot, not over its axis
            "text": f"<i>{text}</i>",
            "showarrow": False,
            "font": {"color": MUTED, "size": 13},
        }
        for x, y, x_anchor, y_anchor, text in corners
    ]
