"""A score taken apart: the same few rows for all models on one scale."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from recsys_demo.charts.theme import GRID, MUTED, axis, escape, layout, style
from recsys_demo.evaluation.number_text import signed_number

# Pixels, where letters have their usual size. A projector shows larger ones: charts take a `scale`.
GUTTER, LETTERS = 134, 22  # at the left for the rows' names, and letters of a line there
SLOT, GAP, BAR, AXIS = 14, 12, 9, 46  # a model's line in a row, between rows, a bar, below all
SMALL = "font-size:11px"
HOLLOW = "rgba(0,0,0,0)"


@dataclass(frozen=True)
class ScoreColumn:
    """One model's score: where it starts, what each row adds (None where the model has nothing for
    it), the logit they end at, and that in words. `hovers` go with the values."""

    model: str
    name: str
    start: float
    values: Sequence[float | None]
    hovers: Sequence[str]
    logit: float
    told: str


@dataclass(frozen=True)
class Row:
    """A row of all models: its name, and a word on it."""

    name: str
    detail: str = ""


def score_chart(
    rows: Sequence[Row], columns: Sequence[ScoreColumn], scale: float = 1.0
) -> go.Figure:
    """Rows from starting point to score, a line per model in each. Starting points are lines, what
    is added are bars from zero, filled where they raise and hollow where they lower the score."""
    slots, left = SLOT * len(columns), scale * GUTTER
    tops = [SLOT + GAP + number * (slots + GAP) for number in range(len(rows) + 1)]
    tops[-1] += SLOT  # the score's models have their names below its own
    height = tops[-1] + slots + 6
    every = [c.start for c in columns] + [c.logit for c in columns]
    every += [value for c in columns for value in c.values if value is not None]
    low, high = min([*every, 0.0]), max([*every, 0.0])
    span = max(high - low, 0.1)
    figure = go.Figure(
        [
            trace
            for number, column in enumerate(columns)
            for trace in _score_traces(column, [t + SLOT * (number + 0.5) for t in tops])
        ],
        layout(
            height=scale * (height + AXIS),
            showlegend=False,
            barmode="overlay",
            dragmode=False,
            font={"size": 12},
            margin={"l": scale * GUTTER, "r": 6, "t": 2, "b": scale * (AXIS - 2)},
            xaxis=logit_axis("adds to the logit", low - 0.2 * span, high + 0.2 * span, MUTED),
            yaxis=row_axis(height, 0),
            annotations=[
                gutter("<b>Starting point</b>", SLOT / 2, left),
                *(
                    gutter(_row_text(row), top + slots / 2, left)
                    for row, top in zip(rows, tops, strict=False)
                ),
                gutter("<b>Score</b>", tops[-1] - SLOT / 2, left),
                *(
                    told
                    for number, column in enumerate(columns)
                    for told in _scored(
                        column, tops[-1] + SLOT * (number + 0.5), (low + high) / 2, left
                    )
                ),
            ],
        ),
    )
    for top in (*tops[:-1], tops[-1] - SLOT):
        figure.add_shape(
            type="line",
            x0=0,
            x1=1,
            xref="paper",
            y0=top - GAP / 2,
            y1=top - GAP / 2,
            line={"color": GRID, "width": 1},
        )
    return figure


def _scored(column: ScoreColumn, y: float, middle: float, left: float) -> Iterator[dict[str, Any]]:
    """Whose score it is, and what it means, where the mark is not."""
    yield gutter(escape(column.name), y, left)
    is_left = column.logit < middle
    yield {
        "x": 1 if is_left else 0,
        "xref": "paper",
        "y": y,
        "text": f"<span style='{SMALL}'>{escape(column.told)}</span>",
        "showarrow": False,
        "xanchor": "right" if is_left else "left",
        "yanchor": "middle",
    }


def _score_traces(column: ScoreColumn, ys: Sequence[float]) -> Iterator[go.Bar | go.Scatter]:
    look, name = style(column.model), escape(column.name)
    values = [value or 0.0 for value in column.values]
    largest = max(map(abs, values), default=0.0)
    yield go.Scatter(
        x=[column.start],
        y=[SLOT / 2],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 12, "color": look.colour, "line": {"width": 3}},
        hovertemplate=f"{name} starts at {signed_number(column.start, 2)}<extra></extra>",
        name=name,
    )
    yield go.Bar(
        orientation="h",
        x=values,
        y=list(ys[:-1]),
        width=BAR,
        text=[value_text(value, largest) for value in column.values],
        textposition="outside",
        constraintext="none",
        textfont={"size": 11},
        cliponaxis=False,
        marker={
            "color": [look.colour if value > 0 else HOLLOW for value in values],
            "line": {"color": look.colour, "width": [1.5 if value else 0 for value in values]},
        },
        hovertext=[escape(told) for told in column.hovers],
        hovertemplate="%{hovertext}<extra></extra>",
        name=name,
    )
    yield go.Scatter(
        x=[column.logit],
        y=[ys[-1]],
        mode="markers",
        marker={"symbol": look.symbol, "size": 10, "color": look.colour},
        hovertemplate=f"{name}: logit {signed_number(column.logit, 2)}<extra></extra>",
        name=name,
    )


def value_text(value: float | None, largest: float) -> str:
    """A value at the end of its bar; the largest is bold, a dash where there is none."""
    if value is None:
        return "–"
    told = signed_number(value, 2)
    return f"<b>{told}</b>" if value and abs(value) == largest else told


def _row_text(row: Row) -> str:
    lines = [f"<b>{escape(line)}</b>" for line in textwrap.wrap(row.name, LETTERS - 4)]
    lines += [
        f"<span style='{SMALL}'>{escape(line)}</span>"
        for line in textwrap.wrap(row.detail, LETTERS, max_lines=2, placeholder=" …")
    ]
    return "<br>".join(lines)


def logit_axis(title: str, low: float, high: float, zero: str) -> dict[str, Any]:
    """The x axis of a score's parts, with a line of this colour at zero."""
    return axis(
        range=[low, high],
        fixedrange=True,
        nticks=5,
        zeroline=True,
        zerolinecolor=zero,
        automargin=False,
        title={"text": title, "font": {"size": 12}},
    )


def row_axis(bottom: float, top: float) -> dict[str, Any]:
    """The y axis of rows whose names stand in the gutter."""
    return axis(visible=False, range=[bottom, top], fixedrange=True, automargin=False)


def gutter(text: str, y: float, width: float) -> dict[str, Any]:
    """Text left of the plot, centred on its row."""
    return {
        "x": 0,
        "xref": "paper",
        "xshift": -width,
        "y": y,
        "text": text,
        "font": {"size": 12},
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
    }


def describe_scores(rows: Sequence[Row], columns: Sequence[ScoreColumn]) -> str:
    """The chart in words."""
    told = []
    for column in columns:
        added = ", ".join(
            f"{row.name.lower()} {signed_number(value, 2)}"
            for row, value in zip(rows, column.values, strict=True)
            if value is not None
        )
        told.append(
            f"{column.name} starts at {signed_number(column.start, 2)}, {added}, ends at "
            f"{signed_number(column.logit, 2)} ({column.told})"
        )
    return "What each model's score is made of. " + "; ".join(told)
