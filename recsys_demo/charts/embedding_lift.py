"""Heat maps of inner products beside the observed lift."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recsys_demo.charts.theme import axis_names, escape, name_axis
from recsys_demo.studies.embeddings.labels import CUT
from recsys_demo.studies.embeddings.lift import PairLift, linkage_orders
from recsys_demo.studies.embeddings.vectors import Matrix

HEIGHT = 460


def lift_figures(lift: PairLift) -> tuple[go.Figure, go.Figure]:
    """What the factorization says and what the log says: same order, same color scale. Pairs
    without a row are left blank on the right."""
    first, second = linkage_orders(lift)
    reach = float(np.abs(lift.observed[lift.rows > 0]).max(initial=1.0))
    observed = np.where(lift.rows > 0, lift.observed, np.nan)
    return (
        _heat(lift, lift.learned, first, second, reach),
        _heat(lift, observed, first, second, reach),
    )


def _heat(
    lift: PairLift, values: Matrix, first: np.ndarray, second: np.ndarray, reach: float
) -> go.Figure:
    grid = np.ix_(first, second)
    rates = lift.positives[grid] / np.maximum(lift.rows[grid], 1)
    x = axis_names((lift.second.names[i] for i in second), CUT)
    y = axis_names((lift.first.names[i] for i in first), CUT)
    figure = go.Figure(
        go.Heatmap(
            z=values[grid],
            x=x,
            y=y,
            customdata=np.stack([lift.rows[grid], rates], axis=-1),
            zmid=0,
            zmin=-reach,
            zmax=reach,
            colorscale="RdBu",
            colorbar={"orientation": "h", "thickness": 10, "y": 1.0, "yanchor": "bottom"},
            hovertemplate="%{y} × %{x}<br>%{z:.2f} log-odds<br>%{customdata[0]:,} rows, "
            "rate %{customdata[1]:.2f}<extra></extra>",
        )
    )
    figure.update_layout(height=HEIGHT, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    small = {"tickfont": {"size": 9}, "automargin": True}
    figure.update_xaxes(name_axis(x) | small, title=escape(lift.second.field))
    figure.update_yaxes(name_axis(y) | small, title=escape(lift.first.field))
    return figure
