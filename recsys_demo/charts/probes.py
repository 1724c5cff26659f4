"""What can be read off vectors, trained and untrained."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.embeddings import QUIET
from recsys_demo.charts.theme import MUTED, axis_names, name_axis
from recsys_demo.studies.embeddings.labels import map_label
from recsys_demo.studies.embeddings.probes import Probe

LETTERS = 48  # of a property and its measure


def probe_figure(probes: Sequence[Probe]) -> go.Figure:
    """Trained and untrained tables with their intervals, chance as a line, a row per measure."""
    names = axis_names((f"{map_label(p.target)}: {p.measure}" for p in probes), LETTERS)
    figure = go.Figure()
    for label, intervals in (
        ("trained", [p.trained for p in probes]),
        ("random start", [p.untrained for p in probes]),
    ):
        values = [i.value for i in intervals]
        figure.add_scatter(
            x=values,
            y=names,
            mode="markers",
            name=label,
            marker={
                "size": 10,
                "symbol": "circle" if label == "trained" else "circle-open",
                "color": MUTED,
                "line": {"width": 2},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [i.high - i.value for i in intervals],
                "arrayminus": [i.value - i.low for i in intervals],
            },
            hovertemplate="%{y}<br>%{x:.2f}<extra>%{fullData.name}</extra>",
        )
    figure.add_scatter(
        x=[p.chance for p in probes],
        y=names,
        mode="markers",
        name="guess without vectors",
        marker={"symbol": "line-ns-open", "size": 16, "color": QUIET, "line": {"width": 2}},
        hovertemplate="%{x:.2f}<extra>%{fullData.name}</extra>",
    )
    low = min([0.0, *(p.trained.low for p in probes), *(p.untrained.low for p in probes)])
    figure.update_xaxes(range=[low - 0.05, 1.02], title="")
    figure.update_yaxes(name_axis(names), autorange="reversed", automargin=True)
    figure.update_layout(
        height=110 + 44 * len(probes),
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.25 if len(probes) < 3 else -0.12, "yanchor": "top"},
    )
    return figure
