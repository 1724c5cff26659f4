"""Lists side by side with lines between them, waterfalls of a score, the funnel."""

from __future__ import annotations

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
from recsys_demo.studies.names import short_name, short_names

ROW = 44  # pixels of one place: two lines of text
WIDTH = 0.78  # of a column, the rest is for the lines
PIXELS, COLUMN = 680, 136  # of the chart on a laptop, and of a column at least
LETTER = 6.5  # pixels of an average letter of a name
ROSE, FELL = "#1AA868", "#D9480F"


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


TERM_LETTERS = 64


def lists_chart(columns: Sequence[ListColumn], chosen: str | None) -> go.Figure:
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
            height=ROW * (places + 1),
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
            yaxis=axis(visible=False, range=[places + 0.55, -0.3], fixedrange=True),
            # All at once: one by one Plotly checks the whole layout again for each.
            annotations=[
                written
                for number, column in enumerate(columns)
                for written in _names(number, column, chosen, max(cut, 10))
            ],
        ),
    )


def least_width(columns: int) -> int:
    """Pixels below which the lists should scroll rather than shrink."""
    return max(PIXELS, COLUMN * columns)


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
        seen = f" · {escape(entry.seen)}" if entry.seen else ""
        mark = f" {entry.mark}" if entry.mark else ""
        yield {
            **common,
            "x": number + 0.01,
            "y": place,
            "text": f"{place}  {name}{mark}<br><span style='font-size:11px'>"
            f"<b>{entry.probability:.0%}</b>{_arrow(entry)}{seen}</span>",
            "font": {"size": 13},
        }


def _arrow(entry: Entry) -> str:
    if entry.is_new:
        return f" <b><span style='color:{ROSE}'>new</span></b>"
    if not entry.moved:
        return ""
    colour, sign = (ROSE, "▲") if entry.moved > 0 else (FELL, "▼")
    return f" <b><span style='color:{colour}'>{sign}{abs(entry.moved)}</span></b>"


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
class Step:
    """One term of a waterfall."""

    name: str
    value: float
    part: str


def waterfall(steps: Sequence[Step], logit: float) -> go.Figure:
    """Terms one after the other from 0 to the logit, each from where the last one ended."""
    ends, at = [0.0], 0.0
    for step in steps:
        at += step.value
        ends.append(at)
    low, high = min(ends), max(ends)
    room = 0.08 * max(high - low, 0.1)
    rows = [*steps, Step("logit", logit, "")]
    return go.Figure(
        go.Waterfall(
            orientation="h",
            measure=["relative"] * len(steps) + ["total"],
            y=list(range(len(rows))),
            x=[row.value for row in rows],
            customdata=[[row.part, escape(row.name)] for row in rows],
            hovertemplate="%{customdata[1]}<br>%{customdata[0]} %{delta:+.3f}<extra></extra>",
            connector={"line": {"color": GRID, "width": 1}},
            increasing={"marker": {"color": ROSE}},
            decreasing={"marker": {"color": FELL}},
            totals={"marker": {"color": MUTED}},
            width=0.36,
        ),
        layout(
            height=34 * len(rows) + 40,
            showlegend=False,
            margin={"l": 6, "r": 6, "t": 6, "b": 28},
            font={"size": 12},
            xaxis=axis(
                range=[low - room, high + room],
                fixedrange=True,
                showgrid=False,
                zeroline=True,
                zerolinecolor=GRID,
                tickfont={"size": 11},
            ),
            yaxis=axis(visible=False, range=[len(steps) + 0.45, -0.75], fixedrange=True),
            annotations=[_written(place, row) for place, row in enumerate(rows)],
        ),
    )


def _written(place: int, row: Step) -> dict[str, Any]:
    """A term's name and value above its bar."""
    return {
        "x": 0,
        "xref": "paper",
        "y": place - 0.46,
        "text": f"{escape(short_name(row.name, TERM_LETTERS))}  <b>{row.value:+.3f}</b>",
        "font": {"size": 12},
        "showarrow": False,
        "xanchor": "left",
        "align": "left",
    }


def describe_waterfall(model: str, steps: Sequence[Step], logit: float) -> str:
    """A model's waterfall in words."""
    told = ", ".join(f"{step.name} {step.value:+.3f}" for step in steps)
    return f"Terms of {label(model)}'s logit {logit:+.3f}: {told}"


@dataclass(frozen=True)
class Stage:
    """One stage of the funnel: how many items are left, and how long it took."""

    name: str
    items: int
    milliseconds: float | None


def funnel_chart(stages: Sequence[Stage]) -> go.Figure:
    """Items left at each stage, on a logarithmic width so that the last stages can be seen."""
    names = axis_names(stage.name for stage in stages)
    figure = go.Figure(
        go.Funnel(
            y=names,
            x=[_width(stage.items) for stage in stages],
            text=[_counted(stage) for stage in stages],
            textinfo="text",
            hoverinfo="skip",
            marker={"color": "#1864E9"},
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
