"""What a cross network multiplies, as a heat map of pairs of fields."""

from __future__ import annotations

from collections.abc import Collection
from itertools import product

import numpy as np
import plotly.graph_objects as go

from recsys_demo.charts.theme import MUTED, axis_names, layout, name_axis
from recsys_demo.studies.crosses.learned import LearnedCrosses, Pair

OWN, PLANTED = "your cross", "planted"
ROW = 34  # pixels
# From the page's own background to a neutral dark tone that is no model's.
SHADES = [[0.0, "rgba(91,112,131,0.04)"], [1.0, "rgba(71,95,118,1)"]]


def learned_crosses(
    learned: LearnedCrosses, own: Collection[Pair], planted: Collection[Pair]
) -> go.Figure:
    """Strength of every block; a ring marks the person's crosses, a star what is planted. A
    field by itself is no cross and stays blank."""
    names = axis_names(learned.fields)
    values = learned.mean.copy()
    np.fill_diagonal(values, np.nan)
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=names,
            y=names,
            colorscale=SHADES,
            zmin=0,
            xgap=2,
            ygap=2,
            colorbar={"thickness": 10, "title": {"text": "‖W‖"}},
            hovertemplate="%{y} × %{x}: %{z:.2f}<extra></extra>",
        )
    )
    for name, pairs, symbol in ((OWN, own, "circle-open"), (PLANTED, planted, "star")):
        _marks(figure, learned.fields, names, name, pairs, symbol)
    height = 150 + ROW * len(names)
    figure.update_layout(layout(height=height, xaxis=name_axis(names), yaxis=name_axis(names)))
    figure.update_xaxes(showgrid=False, automargin=True, tickangle=-40)
    figure.update_yaxes(showgrid=False, automargin=True, autorange="reversed")
    return figure


def _marks(
    figure: go.Figure,
    fields: Collection[str],
    names: list[str],
    name: str,
    pairs: Collection[Pair],
    symbol: str,
) -> None:
    """Both cells of every pair."""
    shown = dict(zip(fields, names, strict=True))
    cells = [(a, b) for a, b in product(fields, fields) if frozenset((a, b)) in pairs]
    if not cells:
        return
    figure.add_scatter(
        x=[shown[b] for _, b in cells],
        y=[shown[a] for a, _ in cells],
        name=name,
        mode="markers",
        marker={
            "symbol": symbol,
            "size": 20 if symbol == "circle-open" else 11,
            "color": "#FFFFFF" if symbol == "star" else MUTED,
            "line": {"width": 2 if symbol == "circle-open" else 1, "color": MUTED},
        },
        hoverinfo="skip",
    )
