"""Lists side by side with lines between them, and the funnel."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from recsys_demo.charts.theme import (
    GRID,
    MUTED,
    TRUTH,
    axis,
    axis_names,
    escape,
    label,
    layout,
    name_axis,
    style,
    translucent,
)
from recsys_demo.studies.names import short_names

ROW = 36  # pixels of one place: two lines of text
WIDTH = 0.86  # of a column, the rest is for the lines
COLUMN = 136  # pixels of a column at least
LETTER = 5.8  # pixels of an average letter of a name


@dataclass(frozen=True)
class Entry:
    """One place of a list. `moved` counts places up (positive) or down since before the edit, None
    where nothing was before; `mark` is a sign behind the name, `seen` what the log knows of the
    pair in a word, `note` all of it."""

    item: str
    name: str
    probability: float
    note: str
    seen: str = ""
    moved: int | None = None
    is_new: bool = False
    mark: str = ""


@dataclass(frozen=True)
class ListColumn:
    """One list: `model` gives it its colour ("truth" for the planted truth's own)."""

    model: str
    title: str
    entries: Sequence[Entry]


def lists_chart(columns: Sequence[ListColumn], chosen: str | None, scale: float = 1.0) -> go.Figure:
    """Every list as a column, best first; lines join the same item in neighbouring lists. Clicking
    a place gives its item as `customdata`."""
    places = max((len(column.entries) for column in columns), default=0)
    cut = int(least_width(len(columns)) * WIDTH / max(len(columns), 1) / LETTER) - 3
    return go.Figure(
        [
            *_lines(columns, chosen),
            *(_bars(number, column, chosen) for number, column in enumerate(columns)),
        ],
        layout(
            height=scale * (ROW * places + 30),
            showlegend=False,
            margin={"l": 2, "r": 2, "t": 2, "b": 2},
            barmode="overlay",
            bargap=0.1,
            font={"size": 13},
            dragmode=False,
            hovermode="closest",
            xaxis=axis(
                visible=False, range=[-0.02, len(columns) - (1 - WIDTH) + 0.02], fixedrange=True
            ),
            yaxis=axis(visible=False, range=[places + 0.52, -0.27], fixedrange=True),
            # All at once: one by one Plotly checks the whole layout again for each.
            annotations=[
                written
                for number, column in enumerate(columns)
                for written in _names(number, column, chosen, max(cut, 10))
            ],
        ),
    )


def blank_lists(models: Sequence[str], places: int, scale: float = 1.0) -> go.Figure:
    """The lists of these models before there is anything on them."""

    def column(model: str) -> ListColumn:
        blank = [Entry(f"{model} {place}", "", math.nan, "") for place in range(places)]
        return ListColumn(model, label(model), blank)

    figure = lists_chart([column(model) for model in models], None, scale)
    return figure.update_traces(hoverinfo="skip", hovertemplate=None)


def least_width(columns: int) -> int:
    """Pixels below which the lists should scroll rather than shrink."""
    return COLUMN * columns


def _bars(number: int, column: ListColumn, chosen: str | None) -> go.Bar:
    """The places as bars: they take the clicks."""
    colour, entries = _colour(column.model), list(column.entries)
    return go.Bar(
        orientation="h",
        base=[number] * len(entries),
        x=[WIDTH] * len(entries),
        y=list(range(1, len(entries) + 1)),
        customdata=[entry.item for entry in entries],
        hovertext=[entry.note for entry in entries],
        hovertemplate="%{hovertext}<extra></extra>",
        marker={
            "color": [translucent(colour, 0.30 if e.item == chosen else 0.09) for e in entries],
            "line": {
                "color": [colour if e.item == chosen else "rgba(0,0,0,0)" for e in entries],
                "width": 2,
            },
        },
        unselected={"marker": {"opacity": 1}},
        name=escape(column.title),
    )


def _names(
    number: int, column: ListColumn, chosen: str | None, cut: int
) -> Iterator[dict[str, Any]]:
    """Title, and two lines a place: who, and how likely, how moved, how often seen. Their colour is
    the theme's own."""
    common = {"showarrow": False, "xanchor": "left", "align": "left"}
    yield {
        **common,
        "x": number,
        "y": 0.12,
        "text": f"<b><span style='color:{_colour(column.model)}'>{escape(column.title)}</span></b>",
        "font": {"size": 14},
    }
    shown = map(escape, short_names([entry.name for entry in column.entries], cut))
    for place, (entry, written) in enumerate(zip(column.entries, shown, strict=True), 1):
        name = f"<b>{written}</b>" if entry.item == chosen else written
        mark = f" {entry.mark}" if entry.mark else ""
        yield {
            **common,
            "x": number + 0.01,
            "y": place,
            "text": f"{place}  {name}{mark}" + _second_line(entry),
            "font": {"size": 13},
        }


def _second_line(entry: Entry) -> str:
    if not math.isfinite(entry.probability):
        return ""
    seen = f" · {escape(entry.seen)}" if entry.seen else ""
    told = f"<b>{entry.probability:.0%}</b>{_arrow(entry)}{seen}"
    return f"<br><span style='font-size:11px'>{told}</span>"


def _arrow(entry: Entry) -> str:
    if entry.is_new:
        return " <b>new</b>"
    if not entry.moved:
        return ""
    return f" <b>{'▲' if entry.moved > 0 else '▼'}{abs(entry.moved)}</b>"


def _lines(columns: Sequence[ListColumn], chosen: str | None) -> Iterator[go.Scatter]:
    for is_chosen in (False, True):
        xs: list[float | None] = []
        ys: list[float | None] = []
        for number in range(len(columns) - 1):
            right = {e.item: i for i, e in enumerate(columns[number + 1].entries, 1)}
            for place, entry in enumerate(columns[number].entries, 1):
                if entry.item in right and (entry.item == chosen) == is_chosen:
                    xs += [number + WIDTH, number + 1, None]
                    ys += [place, right[entry.item], None]
        yield go.Scatter(
            x=xs,
            y=ys,
            mode="lines",
            line={"color": MUTED, "width": 3 if is_chosen else 1.2},
            opacity=0.95 if is_chosen else 0.45,
            hoverinfo="skip",
        )


def describe_lists(columns: Sequence[ListColumn]) -> str:
    """The lists in words."""
    told = [
        f"{column.title}: " + ", ".join(entry.name for entry in column.entries)
        for column in columns
    ]
    return "Lists side by side, best first. " + "; ".join(told)


@dataclass(frozen=True)
class Stage:
    """One stage of the funnel: how many items are left, and how long it took."""

    name: str
    items: int
    milliseconds: float | None


def funnel_chart(stages: Sequence[Stage], ranker: str) -> go.Figure:
    """Items left at each stage, on a logarithmic width so that the last stages can be seen, in the
    colour of the model that ranks."""
    names = axis_names(stage.name for stage in stages)
    figure = go.Figure(
        go.Funnel(
            y=names,
            x=[_width(stage.items) for stage in stages],
            text=[_counted(stage) for stage in stages],
            textinfo="text",
            hoverinfo="skip",
            marker={"color": _colour(ranker)},
            opacity=0.85,
            connector={"fillcolor": GRID},
        ),
        layout=layout(height=60 * len(stages) + 20, margin={"l": 8, "r": 8, "t": 8, "b": 8}),
    )
    figure.update_yaxes(
        name_axis(names), autorange="reversed", automargin=True, showgrid=False, showline=False
    )
    figure.update_xaxes(visible=False)
    return figure


def describe_funnel(stages: Sequence[Stage]) -> str:
    """The funnel in words."""
    return "Items left: " + ", ".join(f"{stage.name} {stage.items:,}" for stage in stages)


def _width(items: int) -> float:
    return float(len(bin(items + 1)) - 2) if items else 0.5


def _counted(stage: Stage) -> str:
    took = "" if stage.milliseconds is None else f" · {stage.milliseconds:.2f} ms"
    return f"{stage.items:,}{took}"


def _colour(model: str) -> str:
    return TRUTH if model == "truth" else style(model).colour
