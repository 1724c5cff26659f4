"""Dot charts of what parts are worth: mean, interval over seeds, every seed, and the ghost of the
result before."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from recsys_demo.charts.theme import MUTED, axis, escape, layout
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.names import short_name

ROW_HEIGHT, HEIGHT = 34, 72
LONGEST_LABEL = 38
# Letters in a line, so that on a phone neither is cut off: the title above the chart is as wide as
# the screen, and the rows' labels leave half of it to the dots.
TITLE_LETTERS, LABEL_LETTERS = 42, 20
LINE = 24  # letters are larger on a projector


@dataclass(frozen=True)
class DotRow:
    """One line of the chart. `verdict` is what can be said (`verdicts.Finding`), or alone
    where there is nothing to compare with; `ghost` is the mean before, or what was guessed. One
    whose mean is no number waits for it."""

    label: str
    mean: float
    half: float
    values: Sequence[float]
    verdict: str
    ghost: float | None = None
    ghost_is: str = "before"


def dot_chart(rows: Sequence[DotRow], title: str, zero: bool = True) -> go.Figure:
    """Rows from top to bottom as given. Triangles: better (filled) or worse
    (hollow); circles: neither."""
    lines = textwrap.wrap(title, TITLE_LETTERS)
    labels = [textwrap.wrap(short_name(row.label, LONGEST_LABEL), LABEL_LETTERS) for row in rows]
    row_height = max([ROW_HEIGHT, *(LINE * len(label) for label in labels)])
    figure = go.Figure(
        layout=layout(
            height=HEIGHT + row_height * max(1, len(rows)) + LINE * len(lines),
            margin={"l": 56, "r": 16, "t": 12 + LINE * len(lines), "b": 32},
            showlegend=False,
            title={
                "text": _joined(lines),
                "font": {"size": 13},
                "x": 0,
                "y": 1,
                "yanchor": "top",
                # Plotly puts the last line at the top, and those before it outside.
                "pad": {"t": LINE * (len(lines) - 1)},
            },
            yaxis=axis(
                tickvals=list(range(len(rows))),
                ticktext=[_joined(label) for label in labels],
                range=[len(rows) - 0.4, -0.6],
                showgrid=False,
            ),
        )
    )
    if not any(math.isfinite(row.mean) for row in rows):
        figure.update_xaxes(range=[-1, 1], showticklabels=False)
    if zero:
        figure.add_vline(x=0, line={"color": MUTED, "width": 1})
    _add_seeds(figure, rows)
    _add_ghosts(figure, rows)
    _add_means(figure, rows)
    return figure


def describe_dots(rows: Sequence[DotRow], what: str) -> str:
    """The chart in words."""
    told = [
        f"{row.label} {row.mean:+.4f}"
        + (f" ± {row.half:.4f}" if math.isfinite(row.half) else "")
        + ("" if row.ghost is None else f" ({row.ghost_is} {row.ghost:+.4f})")
        + f", {row.verdict}"
        for row in rows
        if math.isfinite(row.mean)
    ]
    return f"{what}. " + ("; ".join(told) or "No values yet.")


def _joined(lines: Sequence[str]) -> str:
    return "<br>".join(map(escape, lines))


def _add_seeds(figure: go.Figure, rows: Sequence[DotRow]) -> None:
    points = [(value, place) for place, row in enumerate(rows) for value in row.values]
    figure.add_scatter(
        x=[x for x, _ in points],
        y=[y + 0.22 for _, y in points],
        mode="markers",
        marker={"size": 4, "color": MUTED, "opacity": 0.7},
        hovertemplate="one seed: %{x:+.4f}<extra></extra>",
    )


def _add_ghosts(figure: go.Figure, rows: Sequence[DotRow]) -> None:
    found = [(row, place) for place, row in enumerate(rows) if _has_ghost(row)]
    ghosts = [(row.ghost, place, row.mean) for row, place in found]
    for ghost, place, mean in ghosts:
        figure.add_shape(
            type="line",
            x0=ghost,
            x1=mean,
            y0=place,
            y1=place,
            line={"color": MUTED, "width": 1, "dash": "dot"},
        )
    figure.add_scatter(
        x=[x for x, _, _ in ghosts],
        y=[y for _, y, _ in ghosts],
        mode="markers",
        marker={"size": 13, "symbol": "circle-open", "color": MUTED, "line": {"width": 2}},
        text=[f"{row.ghost_is}:" for row, _ in found],
        hovertemplate="%{text} %{x:+.4f}<extra></extra>",
    )


def _has_ghost(row: DotRow) -> bool:
    return row.ghost is not None and math.isfinite(row.ghost)


def _add_means(figure: go.Figure, rows: Sequence[DotRow]) -> None:
    figure.add_scatter(
        x=[row.mean for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        error_x={
            "type": "data",
            "array": [row.half if math.isfinite(row.half) else 0.0 for row in rows],
            "color": MUTED,
            "thickness": 1.5,
        },
        marker={
            "size": 12,
            "symbol": [_SYMBOLS[row.verdict] for row in rows],
            "color": MUTED,
            "line": {"width": 2, "color": MUTED},
        },
        text=[f"<b>{escape(row.label)}</b><br>{row.verdict}" for row in rows],
        hovertemplate="%{text}<br>%{x:+.4f}<extra></extra>",
    )


# Colours are the models': up is filled, down is hollow.
_SYMBOLS = {
    "better": "triangle-right",
    "worse": "triangle-left-open",
    NOT_FOUND: "circle-open",
    NOT_YET: "circle-dot",
    "alone": "circle",
}
