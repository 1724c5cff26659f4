"""The path by which a model's dot came: a line that fades towards its beginning."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.theme import style, translucent

Place = tuple[float, float]
FAINTEST, CLEAREST, LINE = 0.1, 0.6, 0.35


def path_trace(model: str, way: Sequence[Place]) -> go.Scatter:
    """A line through these places, oldest first, that fades towards the oldest."""
    last = max(1, len(way) - 1)
    faded = [round(FAINTEST + (CLEAREST - FAINTEST) * n / last, 3) for n in range(len(way))]
    colour = style(model).colour
    return go.Scatter(
        x=[x for x, _ in way],
        y=[y for _, y in way],
        mode="lines+markers",
        line={"color": translucent(colour, LINE), "width": 2},
        marker={"color": colour, "size": 5, "opacity": faded, "line": {"width": 0}},
        cliponaxis=False,
        hoverinfo="skip",
        name=f"{model} path",
        # Not the dot itself: a click on it opens nothing.
        customdata=[""] * len(way),
        unselected={"marker": {"opacity": LINE}},
    )
