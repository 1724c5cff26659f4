"""Curves behind the metrics: ROC, precision-recall, calibration, score histograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from recsys_demo.charts.theme import MUTED, axis, escape, layout, style
from recsys_demo.evaluation.curves import Calibration, Curve, Histogram


@dataclass(frozen=True)
class CurveStyle:
    """Whose curve it is."""

    model: str
    name: str


def roc_chart(curves: Sequence[tuple[CurveStyle, Curve]]) -> go.Figure:
    """Share of installs found against share of the others let through; the diagonal is chance."""
    figure = _square("share of not installed let through", "share of installed found")
    _diagonal(figure)
    _add_curves(figure, curves)
    return figure


def pr_chart(curves: Sequence[tuple[CurveStyle, Curve]], base_rate: float) -> go.Figure:
    """Precision against recall; the line is the base rate, which chance gives."""
    figure = _square("recall: share of installed found", "precision: installed among the chosen")
    figure.add_hline(y=base_rate, line={"color": MUTED, "width": 1, "dash": "dot"})
    _add_curves(figure, curves)
    return figure


def calibration_chart(curves: Sequence[tuple[CurveStyle, Calibration]]) -> go.Figure:
    """What happened against what was predicted, with Wilson intervals; the diagonal is right."""
    figure = _square("predicted probability", "share that was installed")
    _diagonal(figure)
    for look, found in curves:
        figure.add_scatter(
            x=found.predicted,
            y=found.rate,
            mode="lines+markers",
            **_line(look),
            marker={"symbol": style(look.model).symbol, "size": 8},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": found.high - found.rate,
                "arrayminus": found.rate - found.low,
                "thickness": 1,
            },
            customdata=found.rows,
            hovertemplate="predicted %{x:.3f}, installed %{y:.3f}, %{customdata:,} rows",
        )
    return figure


def histogram_chart(found: Sequence[tuple[CurveStyle, Histogram]]) -> go.Figure:
    """How the predictions of installed and other rows spread, a small chart per model."""
    figure = make_subplots(
        rows=len(found),
        cols=1,
        shared_xaxes=True,
        subplot_titles=[escape(look.name) for look, _ in found],
        vertical_spacing=0.25 / max(len(found), 1),
    )
    for row, (look, one) in enumerate(found, start=1):
        middles = (one.edges[1:] + one.edges[:-1]) / 2
        for name, counts, colour in (
            ("not installed", one.negatives, MUTED),
            ("installed", one.positives, style(look.model).colour),
        ):
            figure.add_bar(
                x=middles,
                y=counts / max(counts.sum(), 1),
                name=name,
                marker={"color": colour, "opacity": 0.65},
                customdata=counts,
                showlegend=False,
                hovertemplate=f"{name}: %{{customdata:,}} rows, %{{y:.1%}} of them, at %{{x:.2f}}"
                "<extra></extra>",
                row=row,
                col=1,
            )
    figure.update_layout(layout(height=80 + 120 * len(found), barmode="overlay", bargap=0))
    figure.update_xaxes(axis(range=[0, 1]))
    figure.update_yaxes(axis(tickformat=".0%", nticks=3))
    figure.update_xaxes(title_text="predicted probability", row=len(found), col=1)
    figure.update_layout(margin={"t": 30})
    return figure


def _square(x: str, y: str) -> go.Figure:
    return go.Figure(
        layout=layout(
            height=430,
            xaxis=axis(title={"text": x}, range=[-0.02, 1.02]),
            yaxis=axis(title={"text": y}, range=[-0.02, 1.02]),
        )
    )


def _diagonal(figure: go.Figure) -> None:
    line = {"color": MUTED, "width": 1, "dash": "dot"}
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line=line)


def _line(look: CurveStyle) -> dict[str, Any]:
    """How a model's line is named and drawn."""
    shape = style(look.model)
    line = {"color": shape.colour, "dash": shape.dash, "width": 2}
    return {"name": escape(look.name), "line": line}


def _add_curves(figure: go.Figure, curves: Sequence[tuple[CurveStyle, Curve]]) -> None:
    for look, curve in curves:
        figure.add_scatter(
            x=curve.x,
            y=curve.y,
            mode="lines",
            **_line(look),
            customdata=curve.threshold,
            hovertemplate="%{x:.3f}, %{y:.3f} at probability %{customdata:.3f}",
        )
