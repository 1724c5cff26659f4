"""One model against another on a few slices: intervals of the difference against zero."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recsys_demo.charts.theme import GRID, MUTED, axis, escape, layout, style
from recsys_demo.evaluation.number_text import signed_number
from recsys_demo.evaluation.verdicts import Verdict, with_error
from recsys_demo.studies.names import short_name

ROW, AXIS = 62, 52  # pixels of a row, and below the rows
LETTERS = 16  # of a model's name below the axis


@dataclass(frozen=True)
class DifferenceRow:
    """A slice: how much better the first model is, with its interval (NaN where it is not known),
    what is said of it, and whose colour it has, the one's that is ahead."""

    where: str
    value: float
    low: float
    high: float
    said: str
    ahead: str
    is_clear: bool


def difference_row(where: str, verdict: Verdict, first: str, second: str) -> DifferenceRow:
    """What a verdict on these two models looks like."""
    found = None if verdict.evidence is None else verdict.evidence.so_far
    known = found is not None and found.is_known
    gain = verdict.gain
    size = "" if math.isnan(gain) else signed_number(gain)
    if known and found is not None:
        size = f"{'−' if gain < 0 else '+'}{with_error(abs(gain), found.half_width)}"
    why_not = "" if verdict.evidence is None else verdict.evidence.missing
    said = f"{verdict.winner} is better" if verdict.winner else why_not or verdict.finding
    return DifferenceRow(
        where,
        gain,
        found.low if known and found is not None else math.nan,
        found.high if known and found is not None else math.nan,
        f"{size} · {said}" if size else said,
        first if gain >= 0 else second,
        verdict.winner is not None,
    )


def difference_chart(
    rows: Sequence[DifferenceRow], first: str, second: str, scale: float = 1.0
) -> go.Figure:
    """A row per slice, filled where one model is better; right of zero it is the first."""
    figure = go.Figure(layout=layout(height=scale * (ROW * len(rows) + AXIS), showlegend=False))
    for place, row in enumerate(rows):
        _add_row(figure, place, row)
    ends = [abs(end) for row in rows for end in (row.value, row.low, row.high)]
    most = max([end for end in ends if math.isfinite(end)], default=0.0) or 0.01
    left, right = (escape(short_name(name, LETTERS)) for name in (second, first))
    figure.update_layout(
        margin={"l": 6, "r": 6, "t": 2, "b": scale * (AXIS - 6)},
        dragmode=False,
        xaxis=axis(
            range=[-1.15 * most, 1.15 * most],
            fixedrange=True,
            nticks=5,
            showgrid=False,
            automargin=False,
            title={"text": f"← {left}   difference of AUC   {right} →", "font": {"size": 13}},
        ),
        yaxis=axis(visible=False, range=[len(rows) - 0.15, -0.65], fixedrange=True),
    )
    return figure


def _add_row(figure: go.Figure, place: int, row: DifferenceRow) -> None:
    look = style(row.ahead)
    y = place + 0.35
    if math.isfinite(row.low):
        figure.add_scatter(
            x=[row.low, row.high],
            y=[y, y],
            mode="lines",
            line={"color": look.colour, "width": 2.5},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[row.value],
        y=[y],
        mode="markers",
        marker={
            "color": look.colour,
            "symbol": look.symbol + ("" if row.is_clear else "-open"),
            "size": 11,
            "line": {"width": 2},
        },
        hovertemplate=f"{escape(row.where)}<br>{escape(row.said)}<extra></extra>",
    )
    # Not through the words above it.
    zero = {"color": MUTED, "width": 1}
    figure.add_shape(type="line", x0=0, x1=0, y0=y - 0.25, y1=y + 0.25, line=zero)
    figure.add_annotation(
        x=0,
        xref="paper",
        y=place - 0.2,
        text=f"<b>{escape(row.where)}</b><br>{escape(row.said)}",
        font={"size": 13, "color": MUTED},
        showarrow=False,
        xanchor="left",
        align="left",
    )
    if place:
        figure.add_hline(y=place - 0.6, line={"color": GRID, "width": 1})
