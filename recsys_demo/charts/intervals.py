"""Values with their intervals: along an ordered axis, or one row per thing that is measured."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recsys_demo.charts.theme import (
    GRID,
    MUTED,
    axis,
    axis_names,
    escape,
    layout,
    name_axis,
    style,
    translucent,
)

ROW_NAME = 40  # letters of what a row measures
TITLE_LETTERS, TITLE_SIZE = 36, 13  # of a line below an axis, that a phone does not cut off


@dataclass(frozen=True)
class Series:
    """A model's values with their intervals, NaN where there is none, [points] each."""

    model: str
    name: str
    values: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def support_chart(
    buckets: Sequence[str],
    rows: Sequence[int],
    series: Sequence[Series],
    titles: tuple[str, str],
    floor: float | None = None,
    height: int = 420,
) -> go.Figure:
    """A metric against pair support, intervals shaded, the rows of every bucket as bars under it.

    `titles` are those of the x axis and of the metric; `floor` is what chance gives.
    """
    names = axis_names(buckets)
    figure = go.Figure(layout=layout(height=height, hovermode="x unified"))
    for one in series:
        _add_band(figure, names, one)
    for one in series:
        _add_line(figure, names, one)
    figure.add_bar(
        x=names,
        y=list(rows),
        name="test rows",
        yaxis="y2",
        marker={"color": GRID},
        text=[f"{count:,}" for count in rows],
        textposition="outside",
        cliponaxis=False,
        showlegend=False,
        hovertemplate="%{y:,} rows",
    )
    if floor is not None:
        figure.add_hline(y=floor, line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.update_layout(
        xaxis=axis(**name_axis(names), title=_across(titles[0]), anchor="y2"),
        yaxis=axis(title={"text": titles[1]}, domain=[0.3, 1], tickformat=".2f"),
        yaxis2=axis(title={"text": "rows"}, domain=[0, 0.15], showticklabels=False, nticks=2),
    )
    return figure


def _across(title: str) -> dict[str, object]:
    """The title of an x axis, in lines; names of fields and models stand in it."""
    lines = textwrap.wrap(title, TITLE_LETTERS, break_on_hyphens=False)
    return {"text": "<br>".join(map(escape, lines)), "font": {"size": TITLE_SIZE}}


def _add_line(figure: go.Figure, buckets: Sequence[str], one: Series) -> None:
    look = style(one.model)
    figure.add_scatter(
        x=list(buckets),
        y=list(one.values),
        mode="lines+markers",
        name=escape(one.name),
        line={"color": look.colour, "dash": look.dash, "width": 2},
        marker={"symbol": look.symbol, "size": 9},
        customdata=list(zip(one.low, one.high, strict=True)),
        hovertemplate="%{y:.4f} (%{customdata[0]:.4f} to %{customdata[1]:.4f})",
    )


def _add_band(figure: go.Figure, buckets: Sequence[str], one: Series) -> None:
    """The interval as a band; buckets without a value cut it in pieces."""
    colour = style(one.model).colour
    for start, end in _runs(one.low):
        x = list(buckets[start:end])
        figure.add_scatter(
            x=[*x, *x[::-1]],
            y=[*one.high[start:end], *list(one.low[start:end])[::-1]],
            fill="toself",
            fillcolor=translucent(colour, 0.15),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )


def _runs(values: Sequence[float]) -> list[tuple[int, int]]:
    """Stretches [start, end) of values that are there."""
    runs, start = [], None
    for place, value in enumerate([*values, math.nan]):
        if math.isfinite(value) and start is None:
            start = place
        elif not math.isfinite(value) and start is not None:
            runs.append((start, place))
            start = None
    return runs


def dot_plot(
    names: Sequence[str],
    series: Sequence[Series],
    title: str,
    zero: float | None = None,
    number: str = ".3f",
    legend: bool = True,
    line: int = 22,
) -> go.Figure:
    """One row per name, a dot with its interval per model, `line` pixels apart; `zero` is where a
    line is drawn. Without a legend each row is of one model and tells its name."""
    height = 90 + (line * len(series) if legend else 44) * len(names)
    figure = go.Figure(layout=layout(height=max(height, 180), showlegend=legend))
    spread = 0.6 if legend else 0.0
    offsets = [spread * ((i + 0.5) / len(series) - 0.5) for i in range(len(series))]
    places = list(range(len(names)))[::-1]
    for one, offset in zip(series, offsets[::-1], strict=True):
        _add_dots(figure, one, [place + offset for place in places], number)
    if zero is not None:
        figure.add_vline(x=zero, line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.update_layout(
        xaxis=axis(title=_across(title)),
        yaxis=axis(
            tickvals=places, ticktext=axis_names(names, ROW_NAME), range=[-0.6, len(names) - 0.4]
        ),
    )
    return figure


def _add_dots(figure: go.Figure, one: Series, y: list[float], number: str) -> None:
    look = style(one.model)
    figure.add_scatter(
        x=list(one.values),
        y=y,
        mode="markers",
        name=escape(one.name),
        marker={"color": look.colour, "symbol": look.symbol, "size": 10},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_gap(h, v) for h, v in zip(one.high, one.values, strict=True)],
            "arrayminus": [_gap(v, low) for low, v in zip(one.low, one.values, strict=True)],
            "thickness": 1.5,
        },
        customdata=list(zip(one.low, one.high, strict=True)),
        hovertemplate=f"%{{x:{number}}} (%{{customdata[0]:{number}}} to "
        f"%{{customdata[1]:{number}}})",
    )


def _gap(high: float, low: float) -> float:
    gap = high - low
    return gap if math.isfinite(gap) else 0.0


def describe(names: Sequence[str], series: Sequence[Series], title: str) -> str:
    """Either chart in words."""
    told = [
        f"{one.name}: "
        + ", ".join(
            f"{name} {value:.3f}"
            for name, value in zip(names, one.values, strict=True)
            if math.isfinite(value)
        )
        for one in series
    ]
    return f"{title}. " + "; ".join(told)
