"""The path by which a model's dot came: a line that fades towards its beginning."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.theme import style

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
        line={"color": _translucent(colour), "width": 2},
        marker={"color": colour, "size": 5, "opacity": faded, "line": {"width": 0}},
        cliponaxis=False,
        hoverinfo="skip",
        name=f"{model} path",
        # Not the dot itself: a click on it opens nothing.
        customdata=[""] * len(way),
        unselected={"marker": {"opacity": LINE}},
    )


def _translucent(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{LINE})"
