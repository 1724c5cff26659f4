"""Pictures of crosses: what they remember, what they gain, where they only learn noise."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from recsys_demo.charts.data import add_base_rate, interval, with_layout
from recsys_demo.charts.theme import FAINT, MUTED, axis_names, escape, name_axis
from recsys_demo.studies.crosses.sentences import ARROW, Row
from recsys_demo.studies.crosses.statistics import Collisions
from recsys_demo.studies.crosses.suggestions import Gain

SHOWN = 12
NUMBERS = 84  # pixels right of the plot, for letters of the usual size
LONGEST = 32  # letters of a combination, which are smaller than other names


def rates(rows: Sequence[Row], base_rate: float, scale: float = 1.0) -> go.Figure:
    """Install rate of combinations with intervals, and how often others take the same; those that
    could be chance are hollow. `scale`: how much larger than usual letters are."""
    shown = rows[:SHOWN]
    names = axis_names((ARROW.join(row.values) for row in shown), LONGEST)
    table = pd.DataFrame([(row.rate, row.low, row.high) for row in shown], columns=list("rlh"))
    common = {"y": names, "mode": "markers", "customdata": [escape(row.sentence) for row in shown]}
    figure = go.Figure(
        [
            go.Scatter(
                x=[row.peer_rate for row in shown],
                marker={"size": 12, "symbol": "line-ns-open", "color": MUTED},
                hovertemplate="others %{x:.1%}<br>%{customdata}<extra></extra>",
                name="others",
                **common,
            ),
            go.Scatter(
                x=table["r"],
                marker={
                    "size": 9,
                    "color": MUTED,
                    "symbol": ["circle-open" if row.noise else "circle" for row in shown],
                },
                error_x=interval(table["r"], table["l"], table["h"]),
                hovertemplate="%{customdata}<extra></extra>",
                name="with the combination",
                **common,
            ),
        ]
    )
    add_base_rate(figure, base_rate)
    numbers = scale * NUMBERS
    figure.update_xaxes(tickformat=".0%", title="install rate, 95 % interval", range=[-0.02, 1.02])
    figure.update_yaxes(name_axis(names), autorange="reversed", tickfont={"size": 12})
    with_layout(figure, max(200, 110 + 22 * len(shown)))
    # All at once: Plotly looks at each again whenever another one is added.
    beside = [*_beside(shown), _head(numbers)]
    return figure.update_layout(showlegend=False, margin={"r": numbers}, annotations=beside)


def _beside(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The numbers of each row, right of the plot."""
    for place, row in enumerate(rows):  # by its number: Plotly takes a name of digits for a number
        others = "" if math.isnan(row.peer_rate) else f" / {row.peer_rate:.0%}"
        text = f"<b>{row.rate:.0%}</b>{others}"
        at = {"x": 1, "y": place, "xref": "paper", "xshift": 6, "xanchor": "left"}
        yield {**at, "text": text, "showarrow": False}


def _head(right: float) -> dict[str, Any]:
    """What these numbers are, above them, to this many pixels right of the plot."""
    at = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xshift": right}
    anchor = {"xanchor": "right", "yanchor": "bottom"}
    return {**at, **anchor, "text": "own / others", "showarrow": False}


def gains(found: Sequence[Gain]) -> go.Figure:
    """Bits gained on training rows and on validation rows, a pair of bars per cross."""
    names = axis_names(str(gain.cross) for gain in found)
    figure = go.Figure()
    for name, values, colour in (
        ("training rows", [gain.train for gain in found], FAINT),
        ("validation rows", [gain.valid for gain in found], MUTED),
    ):
        figure.add_bar(
            x=values,
            y=names,
            name=name,
            orientation="h",
            marker={"color": colour},
            hovertemplate="%{y}: %{x:.2f} bits per 1,000 " + name + "<extra></extra>",
        )
    figure.add_vline(x=0, line={"width": 1, "color": MUTED})
    figure.update_xaxes(title="bits per 1,000 rows gained over the parts")
    figure.update_yaxes(name_axis(names), autorange="reversed")
    figure.update_layout(bargap=0.25)
    return with_layout(figure, 110 + 34 * len(found))


def overcross(points: Sequence[Mapping[str, Any]]) -> go.Figure:
    """Log loss by epoch: thin on training rows, bold on held-out rows, solid with the cross. The
    points are those of `overcross.Point`, as a job tells them."""
    figure = go.Figure()
    for model in ("without", "with"):
        own = [point for point in points if point["model"] == model]
        epochs = [point["epoch"] for point in own]
        for rows, losses, width in (
            ("training rows", [point["train"] for point in own], 1.5),
            ("held-out rows", [point["held_out"] for point in own], 3.5),
        ):
            figure.add_scatter(
                x=epochs,
                y=losses,
                name=f"{model} the cross, {rows}",
                mode="lines+markers",
                line={
                    "color": MUTED,
                    "dash": "solid" if model == "with" else "dash",
                    "width": width,
                },
                hovertemplate="epoch %{x}: %{y:.4f}<extra>%{fullData.name}</extra>",
            )
    figure.update_xaxes(title="epoch", dtick=1)
    figure.update_yaxes(title="log loss")
    return with_layout(figure, 360)


def collisions(found: Sequence[Collisions]) -> go.Figure:
    """Share of the combinations that share a weight, by number of buckets."""
    buckets = [collision.buckets for collision in found]
    figure = go.Figure()
    figure.add_scatter(
        x=buckets,
        y=[collision.share for collision in found],
        name="counted",
        mode="markers",
        marker={"color": MUTED},
        hovertemplate="%{x:,} buckets: %{y:.1%} collide<extra></extra>",
    )
    figure.add_scatter(
        x=buckets,
        y=[collision.expected_share for collision in found],
        name="expected: 1 - (1 - 1/B)^(n - 1)",
        mode="lines",
        line={"color": FAINT},
        hoverinfo="skip",
    )
    figure.update_xaxes(type="log", title="buckets B")
    figure.update_yaxes(tickformat=".0%", range=[-0.02, 1.02], title="combinations that collide")
    return with_layout(figure, 280)
