"""What candidate generators find, by how many candidates they may propose."""

from __future__ import annotations

import plotly.graph_objects as go

from recsys_demo.charts.theme import MUTED, axis, layout
from recsys_demo.studies.candidates import CandidateRecall

# Generators are no models and have no colours: a dash, a symbol and their name tell them apart.
LOOKS = (
    ("dot", "circle-open"),
    ("dash", "square-open"),
    ("longdash", "diamond-open"),
    ("solid", "triangle-down"),
    ("dashdot", "x-thin-open"),
)
BOLD = "two_towers"


def recall_chart(found: CandidateRecall) -> go.Figure:
    """Recall over the budget, on a logarithmic axis; a line per generator, named at its end."""
    lines = [_line(found, key, *look) for key, look in zip(found.recall, LOOKS, strict=True)]
    ticks = {"tickvals": list(found.budgets), "ticktext": [f"{b:,}" for b in found.budgets]}
    return go.Figure(
        lines,
        layout(
            height=340,
            margin={"l": 56, "r": 16, "t": 40, "b": 48},
            xaxis=axis(title="candidates", type="log", **ticks),
            yaxis=axis(title="recall", range=[0, 1.02], tickformat=".0%"),
            hovermode="x unified",
        ),
    )


def _line(found: CandidateRecall, key: str, dash: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=list(found.budgets),
        y=found.recall[key],
        name=found.label(key),
        mode="lines+markers",
        line={"color": MUTED, "dash": dash, "width": 3.5 if key == BOLD else 1.8},
        marker={"symbol": symbol, "size": 8, "color": MUTED},
        hovertemplate="%{y:.0%}",
    )


def describe_recall(found: CandidateRecall) -> str:
    """The lines in words, at their middle."""
    at = len(found.budgets) // 2
    told = ", ".join(f"{found.label(key)} {own[at]:.0%}" for key, own in found.recall.items())
    return f"Recall with {found.budgets[at]:,} candidates: {told}"
