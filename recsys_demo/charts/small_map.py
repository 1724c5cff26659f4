"""The map at the size of a stamp: symbols only, where they are and where they were."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.dots import TRAVELS, Dot, finite, marker
from recsys_demo.charts.paths import path_trace
from recsys_demo.charts.theme import axis, layout
from recsys_demo.charts.tradeoff import floor, map_ranges

HEIGHT = 190


def small_map(dots: Sequence[Dot], before: Sequence[Dot]) -> go.Figure:
    """Dots with their paths; hollow ones are where the models stood before."""
    x_range, y_range = map_ranges([*finite(dots), *finite(before)], None)
    traces = [marker(dot, size=11, opacity=0.9, is_hollow=True) for dot in finite(before)]
    traces += [path_trace(dot.model, dot.way) for dot in finite(dots) if dot.path]
    for place, dot in enumerate(finite(dots)):
        faint = 0.6 if dot.is_waiting else 1.0
        traces.append(marker(dot, 11, faint, meta=f"{TRAVELS}{place}"))
    plain = {"tickfont": {"size": 10}, "nticks": 4, "tickformat": ".1f"}
    return go.Figure(
        traces,
        layout(
            height=HEIGHT,
            showlegend=False,
            margin={"l": 28, "r": 8, "t": 4, "b": 34},
            xaxis=axis(
                title={"text": "generalizes →", "font": {"size": 11}}, range=x_range, **plain
            ),
            yaxis=axis(title={"text": "memorizes →", "font": {"size": 11}}, range=y_range, **plain),
            shapes=floor(),
        ),
    )
