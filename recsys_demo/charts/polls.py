"""What a class has answered: bars of both rounds, the flow between them, numbers and places."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.theme import (
    FAINT,
    GRID,
    MUTED,
    axis,
    axis_title,
    escape,
    label,
    layout,
    style,
)

# Neutral: colours are the models'. Once the solution is marked, the other answers step back.
ROUNDS = ("rgba(128,135,146,0.45)", MUTED)
BESIDE = 0.35
LINE = 26  # characters of an option in one line
DOT = {"size": 11, "opacity": 0.75}


def bars(
    names: Sequence[str],
    counts: Sequence[Sequence[int]],
    rounds: Sequence[str],
    solution: int | None,
) -> go.Figure:
    """How many chose each option, a bar for each round; the solution, once there is one, has a tick
    at its name."""
    shown = [_wrapped(_marked(name, at == solution)) for at, name in enumerate(names)]
    figure = go.Figure()
    for number, own in enumerate(counts):
        colour = ROUNDS[number if len(counts) > 1 else 1]
        opacity = [1.0 if solution in (None, at) else BESIDE for at in range(len(names))]
        figure.add_trace(
            go.Bar(
                x=list(own),
                y=list(range(len(names))),
                orientation="h",
                name=escape(rounds[number]),
                text=[str(count) for count in own],
                textposition="outside",
                cliponaxis=False,
                marker={"color": colour, "opacity": opacity},
                hovertemplate="%{x}<extra></extra>",
            )
        )
    most = max((count for own in counts for count in own), default=0)
    rows = {"tickvals": list(range(len(names))), "ticktext": shown, "autorange": "reversed"}
    figure.update_layout(
        layout(
            height=60 + (44 + 6 * (len(counts) - 1)) * len(names),
            barmode="group",
            showlegend=len(counts) > 1,
            legend={"orientation": "h", "y": 1.12, "traceorder": "normal"},
            xaxis=axis(range=[0, max(most, 1) * 1.15], showticklabels=False, showgrid=False),
            yaxis=axis(**rows),
        )
    )
    return figure


def describe_bars(
    names: Sequence[str],
    counts: Sequence[Sequence[int]],
    rounds: Sequence[str],
    solution: int | None,
) -> str:
    """The bars in words."""
    told = []
    for at, name in enumerate(names):
        own = ", ".join(f"{title} {c[at]}" for title, c in zip(rounds, counts, strict=True))
        told.append(f"{_marked(name, at == solution)}: {own}")
    return "; ".join(told)


def flow(names: Sequence[str], moves: Sequence[tuple[int, int, int]]) -> go.Figure:
    """How many went from one option (left) to another (right): (from, to, how many)."""
    size = len(names)
    figure = go.Figure(
        go.Sankey(
            textfont={"color": MUTED, "shadow": "none"},  # a white halo is no ink of a dark page
            node={
                "label": [_wrapped(name) for name in names] * 2,
                "color": [*[ROUNDS[0]] * size, *[ROUNDS[1]] * size],
                "thickness": 14,
                "line": {"width": 0},
            },
            link={
                "source": [a for a, _, _ in moves],
                "target": [size + b for _, b, _ in moves],
                "value": [count for _, _, count in moves],
                "color": [FAINT if a == b else GRID for a, b, _ in moves],
            },
        )
    )
    figure.update_layout(layout(height=90 + 40 * size))
    return figure


def numbers(values: Sequence[float], low: float, high: float, unit: str) -> go.Figure:
    """A hollow dot for each number, equal ones upon each other."""
    heights = [sum(other == value for other in values[:at]) for at, value in enumerate(values)]
    figure = go.Figure(
        go.Scatter(
            x=list(values),
            y=heights,
            mode="markers",
            marker={**DOT, "symbol": "circle-open", "color": MUTED, "line": {"width": 2}},
            hovertemplate="%{x:g}<extra></extra>",
        )
    )
    top = max([*heights, 4]) + 1
    figure.update_layout(
        layout(
            height=240,
            showlegend=False,
            xaxis=axis(title={"text": escape(unit)}, range=[low, high]),
            yaxis=axis(range=[-0.5, top], visible=False),
        )
    )
    return figure


def answers_map(spots: Sequence[tuple[str, float, float]], x_title: str, y_title: str) -> go.Figure:
    """Where the class expects each model: a hollow dot for each guess (model, right, up)."""
    figure = go.Figure()
    for model in dict.fromkeys(model for model, _, _ in spots):
        figure.add_trace(crowd_dots(model, [(x, y) for one, x, y in spots if one == model]))
    figure.update_layout(
        layout(
            height=400,
            showlegend=True,
            legend={"orientation": "h", "y": 1.1},
            xaxis=axis(title=axis_title(x_title), range=[0.3, 1.02], tickformat=".1f"),
            yaxis=axis(title=axis_title(y_title), range=[0.08, 1.02], tickformat=".1f"),
        )
    )
    return figure


def crowd_dots(model: str, places: Sequence[tuple[float, float | str]]) -> go.Scatter:
    """Hollow dots of a class: what others expected."""
    look = style(model) if model else None
    colour, symbol = (look.colour, look.symbol) if look else (MUTED, "circle")
    return go.Scatter(
        x=[x for x, _ in places],
        y=[y for _, y in places],
        mode="markers",
        name=escape(label(model)) if model else "",
        marker={**DOT, "symbol": f"{symbol}-open", "color": colour, "line": {"width": 1.5}},
        hovertemplate="%{x:.3g}, %{y:.3g}<extra></extra>",
    )


def _marked(name: str, is_solution: bool) -> str:
    return f"✓ {name}" if is_solution else name


def _wrapped(text: str) -> str:
    """In short lines, safe for Plotly."""
    lines = textwrap.wrap(text, LINE) or [""]
    return "<br>".join(escape(line) for line in lines)
