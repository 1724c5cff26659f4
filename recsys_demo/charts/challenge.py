"""The map of a challenge: a dot for each student of a class."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.theme import FAINT, MUTED, axis, axis_title, escape, label, layout
from recsys_demo.lessons.classroom.challenges import Placed


def challenge_map(placed: Sequence[Placed], x_title: str, y_title: str) -> go.Figure:
    """All entries by their aliases; the own one is filled, and its name is bold."""
    figure = go.Figure()
    for is_own in (False, True):
        own = [one for one in placed if one.is_own == is_own]
        names = [escape(one.alias) for one in own]
        look = {
            "symbol": "circle" if is_own else "circle-open",
            "size": 18 if is_own else 13,
            "color": MUTED,
            "line": {"width": 2, "color": MUTED if is_own else FAINT},
        }
        figure.add_trace(
            go.Scatter(
                x=[one.entry.x for one in own],
                y=[one.entry.y for one in own],
                mode="markers+text",
                text=[f"<b>{name}</b>" for name in names] if is_own else names,
                textposition="top center",
                cliponaxis=False,
                marker=look,
                customdata=[[escape(label(one.entry.model))] for one in own],
                hovertemplate="%{text}: %{customdata[0]}<br>%{x:.3f}, %{y:.3f}<extra></extra>",
            )
        )
    figure.update_layout(
        layout(
            height=420,
            showlegend=False,
            xaxis=axis(title=axis_title(x_title), tickformat=".2f"),
            yaxis=axis(title=axis_title(y_title), tickformat=".2f"),
        )
    )
    return figure


def describe_challenge(placed: Sequence[Placed]) -> str:
    """The map in words."""
    return "; ".join(f"{one.alias} {one.entry.x:.3f}, {one.entry.y:.3f}" for one in placed)
