"""Pictures of a log: its tail, its pairs, its rates, its emptiness. No model is in them: grey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from recsys_demo.charts.theme import MUTED, axis_names, escape, layout, name_axis
from recsys_demo.studies.log.density import DensityPicture
from recsys_demo.studies.log.statistics import SupportHistogram, Tail

HEIGHT = 300
PALE = "rgba(128,135,146,0.22)"
TOOLS = 36  # pixels above a chart for Plotly's tools, which would hide its first row
VALUES = 25
PAIR_NAME = 44  # characters of a pair of names
# The items bold, the users thin: told apart without a colour, which would be a model's.
LINES: tuple[dict[str, Any], ...] = (
    {"color": MUTED, "width": 3.5},
    {"color": MUTED, "width": 1.5, "dash": "dot"},
)
SHADES = [[0, "rgba(128,135,146,0.06)"], [1, "rgba(100,112,130,1)"]]


def tail(tails: Sequence[Tail]) -> go.Figure:
    """Rows of a value over its rank, both on log scales, a line per column."""
    figure = go.Figure()
    for found, line in zip(tails, LINES, strict=False):
        ranks, rows = found.points()
        figure.add_scatter(
            x=ranks,
            y=rows,
            name=escape(found.column),
            mode="lines",
            line=line,
            hovertemplate="rank %{x:,}: %{y:,} rows<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(type="log", dtick=1, title="rank, the most frequent first")
    figure.update_yaxes(type="log", dtick=1, title="rows")
    return with_layout(figure)


def support(histogram: SupportHistogram, remembered: int) -> go.Figure:
    """How many pairs occur how often; those from the bin `remembered` on can be remembered."""
    names = axis_names(histogram.names)
    figure = go.Figure(
        go.Bar(
            x=names,
            y=histogram.pairs,
            marker={
                "color": [MUTED if at >= remembered else PALE for at in range(len(names))],
                "line": {"color": MUTED, "width": 1.5},
            },
            customdata=histogram.rows,
            hovertemplate="%{x} rows each: %{y:,} pairs, %{customdata:,} rows<extra></extra>",
        )
    )
    figure.update_xaxes(name_axis(names), title="rows a pair occurs in")
    figure.update_yaxes(title="pairs", nticks=5)
    for told, anchor, shift in (("← to guess", "right", -8), ("to remember →", "left", 8)):
        figure.add_annotation(
            x=remembered - 0.5,
            y=1,
            yref="paper",
            text=told,
            xanchor=anchor,
            xshift=shift,
            yanchor="bottom",
            showarrow=False,
        )
    return with_layout(figure)


def value_rates(table: pd.DataFrame, base_rate: float) -> go.Figure:
    """Install rate of the most frequent values with intervals, the base rate as a line."""
    shown = table.head(VALUES)
    names = axis_names(shown["value"])
    figure = go.Figure(
        go.Scatter(
            x=shown["rate"],
            y=names,
            mode="markers",
            marker={"size": 8, "color": MUTED},
            error_x=interval(shown["rate"], shown["low"], shown["high"]),
            customdata=np.stack([shown["rows"], shown["low"], shown["high"]], axis=1),
            hovertemplate="%{y}: %{x:.1%} (%{customdata[1]:.1%} to %{customdata[2]:.1%}) "
            "of %{customdata[0]:,} rows<extra></extra>",
        )
    )
    add_base_rate(figure, base_rate)
    figure.update_xaxes(tickformat=".0%", title="install rate, 95 % interval", rangemode="tozero")
    figure.update_yaxes(name_axis(names), autorange="reversed")
    return with_layout(figure, height=max(200, 110 + 20 * len(shown)))


def density(picture: DensityPicture) -> go.Figure:
    """The user x item table from above: the darker, the more of it was ever shown."""
    figure = go.Figure(
        go.Heatmap(
            z=picture.share,
            colorscale=SHADES,
            zmin=0,
            zmax=max(float(picture.share.max()), 1e-9),
            colorbar={"tickformat": ".1%", "thickness": 12, "title": {"text": "shown"}},
            hovertemplate="user group %{y}, item group %{x}: %{z:.2%} of the pairs<extra></extra>",
        )
    )
    figure.update_xaxes(title="items, the most shown first", showticklabels=False)
    figure.update_yaxes(title="users, busiest first", showticklabels=False, autorange="reversed")
    return with_layout(figure)


def dumbbells(names: Sequence[str], taste: Sequence[float], true: Sequence[float]) -> go.Figure:
    """A row per pair: hollow the rate that taste alone would give, filled the true one."""
    shown = axis_names(names, PAIR_NAME)
    figure = go.Figure()
    for name, start, end in zip(shown, taste, true, strict=True):
        figure.add_scatter(
            x=[start, end],
            y=[name, name],
            mode="lines",
            line={"color": MUTED, "width": 2},
            hoverinfo="skip",
        )
    for values, symbol, told in ((taste, "circle-open", "by taste"), (true, "circle", "true rate")):
        figure.add_scatter(
            x=list(values),
            y=shown,
            mode="markers",
            name=told,
            marker={"symbol": symbol, "size": 11, "color": MUTED, "line": {"width": 2}},
            hovertemplate=f"%{{y}}<br>{told}: %{{x:.0%}}<extra></extra>",
        )
    figure.update_xaxes(tickformat=".0%", range=[-0.02, 1.02], title="install rate", nticks=6)
    figure.update_yaxes(name_axis(shown), autorange="reversed")
    figure = with_layout(figure, height=110 + 26 * len(shown))
    return figure.update_layout(showlegend=False)


def interval(rate: pd.Series, low: pd.Series, high: pd.Series) -> dict[str, object]:
    """Error bars from bounds."""
    return {
        "type": "data",
        "symmetric": False,
        "array": high - rate,
        "arrayminus": rate - low,
        "thickness": 1.2,
        "width": 0,
    }


def add_base_rate(figure: go.Figure, base_rate: float) -> None:
    """A line at the base rate."""
    figure.add_vline(x=base_rate, line={"dash": "dot", "width": 1.5, "color": MUTED})


def with_layout(figure: go.Figure, height: int = HEIGHT) -> go.Figure:
    """The common look; what the figure has set itself stays."""
    look = layout(height=height, showlegend=len(figure.data) > 1)
    look["margin"] = look["margin"] | {"t": TOOLS}
    for name in ("xaxis", "yaxis"):
        look[name] = look[name] | figure.layout[name].to_plotly_json()
    return figure.update_layout(**look)
