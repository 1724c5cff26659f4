"""One model's score term by term."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import plotly.graph_objects as go

from recsys_demo.charts.explanation import HOLLOW, gutter, logit_axis, row_axis, value_text
from recsys_demo.charts.theme import GRID, escape, label, layout, style
from recsys_demo.evaluation.number_text import signed_number

TERM, GUTTER, LETTERS = 30, 200, 33  # pixels of a term, of its name, and letters of a line there
TOP, AXIS = 36, 44  # pixels above and below the terms


@dataclass(frozen=True)
class Step:
    """One term of a waterfall."""

    name: str
    value: float
    part: str


def waterfall(model: str, start: float, steps: Sequence[Step], scale: float = 1.0) -> go.Figure:
    """Terms one after the other from the starting point to the logit, each from where the last one
    ended: filled where it raises and hollow where it lowers the score."""
    ends = list(accumulate((step.value for step in steps), initial=start))
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    room = 0.22 * max(high - low, 0.1)
    largest = max((abs(step.value) for step in steps), default=0.0)
    colour = style(model).colour
    figure = go.Figure(
        _bars(steps, ends[:-1], colour, largest),
        layout(
            height=scale * (TERM * len(steps) + TOP + AXIS + 6),
            showlegend=False,
            dragmode=False,
            margin={"l": scale * GUTTER, "r": 6, "t": scale * TOP, "b": scale * AXIS},
            font={"size": 12},
            xaxis=logit_axis("logit", low - room, high + room, GRID),
            yaxis=row_axis(len(steps) - 0.4, -0.6),
            annotations=[
                gutter(_term_text(step, abs(step.value) == largest), place, scale * GUTTER)
                for place, step in enumerate(steps)
            ],
        ),
    )
    for at, name, line, dash in ((start, "start", 1, "dot"), (ends[-1], "score", 0, "solid")):
        figure.add_vline(x=at, line={"color": colour, "width": 1.5, "dash": dash})
        figure.add_annotation(
            x=at,
            y=1,
            yref="paper",
            yshift=scale * 16 * line,
            yanchor="bottom",
            xanchor="left" if at < (low + high) / 2 else "right",
            text=f"{name} <b>{signed_number(at, 2)}</b>",
            showarrow=False,
            font={"size": 12},
        )
    return figure


def _bars(steps: Sequence[Step], bases: Sequence[float], colour: str, largest: float) -> go.Bar:
    return go.Bar(
        orientation="h",
        base=bases,
        x=[step.value for step in steps],
        y=list(range(len(steps))),
        width=0.45,
        text=[value_text(step.value, largest) for step in steps],
        textposition="outside",
        constraintext="none",
        textfont={"size": 12},
        cliponaxis=False,
        marker={
            "color": [colour if step.value > 0 else HOLLOW for step in steps],
            "line": {"color": colour, "width": 1.5},
        },
        customdata=[[escape(s.part), escape(s.name), signed_number(s.value, 2)] for s in steps],
        hovertemplate="%{customdata[1]}<br>%{customdata[0]} %{customdata[2]}<extra></extra>",
    )


def _term_text(step: Step, is_largest: bool) -> str:
    lines = textwrap.wrap(step.name, LETTERS, max_lines=2, placeholder=" …")
    text = "<br>".join(map(escape, lines))
    return f"<b>{text}</b>" if is_largest else text


def describe_waterfall(model: str, start: float, steps: Sequence[Step]) -> str:
    """A model's waterfall in words."""
    told = ", ".join(f"{step.name} {step.value:+.3f}" for step in steps)
    logit = start + sum(step.value for step in steps)
    return f"Terms of {label(model)}'s logit {logit:+.3f}: starting point {start:+.3f}, {told}"
