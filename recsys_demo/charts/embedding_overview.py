"""Pictures of vectors to be read at one glance: few colours, names where they belong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from recsys_demo.charts.embeddings import COLORS, MARK, QUIET, UNKNOWN, value_name
from recsys_demo.charts.theme import escape
from recsys_demo.studies.embeddings.labels import (
    BOLD,
    PLAIN,
    PROJECTED,
    PROJECTED_BOLD,
    Name,
    Placed,
    map_label,
    placed_names,
)
from recsys_demo.studies.embeddings.overview import NEUTRAL, Overview
from recsys_demo.studies.embeddings.two_fields import TwoFields
from recsys_demo.studies.embeddings.vectors import SUPPORT, Index, Matrix

HEIGHT = 400
SIDE = 320.0  # pixels of the smallest map that names must fit on: a phone's
KNOWN = 6  # names of best known values
GROUND = "rgba(128,135,146,0.08)"  # both maps lie on it, so that their edges are seen
NEAR_LINE = "rgba(128,135,146,0.9)"
AIR = 1.08  # around the outermost point
MOVES = "moves"  # by which the browser knows traces whose points are led to new places
SMALLEST, GROWTH = 6.0, 9.0


def overview_figure(
    found: Overview, places: Matrix, named: Sequence[Placed] = (), lit: Index | None = None
) -> go.Figure:
    """One map of two or more on the same axes: `places` of the values, a colour per group; the
    first row of `lit` is joined to the others. Places that change between two drawings move
    there."""
    figure = go.Figure()
    for group in (NEUTRAL, *range(len(found.groups))):
        rows = np.flatnonzero(found.group == group)
        # Empty or not: drawings that move must have the same traces.
        figure.add_trace(_points(found, places, rows, group))
    if lit is not None:
        figure.add_trace(_joined(places[lit[:1]], places[lit[1:]]))
    low, span = frame(found)
    _names(figure, named, low, span)
    return _laid_out(figure, low, span)


def empty_figure() -> go.Figure:
    """The ground of a map on which nothing lies yet."""
    return _laid_out(go.Figure(go.Scatter(marker={"color": QUIET})), np.zeros(2), 1.0)


def frame(found: Overview) -> tuple[Matrix, float]:
    """The lower left corner [2] and the side of the square that holds both maps."""
    both = np.concatenate([found.after, found.before])
    low, high = both.min(axis=0), both.max(axis=0)
    span = float((high - low).max()) * AIR or 1.0
    return np.asarray((low + high) / 2 - span / 2), span


def _joined(one: Matrix, others: Matrix) -> go.Scatter:
    """A line from one place [1, 2] to each of the others [n, 2], with a ring around every end."""
    ends = np.insert(others, np.arange(len(others)), one, axis=0)
    return go.Scatter(
        x=ends[:, 0],
        y=ends[:, 1],
        mode="lines+markers",
        hoverinfo="skip",
        line={"color": NEAR_LINE, "width": 2},
        marker={"symbol": "circle-open", "size": 15, "color": NEAR_LINE, "line": {"width": 2}},
    )


def names_on(found: Overview, also: Sequence[int] = (), projector: bool = False) -> list[Placed]:
    """The names of the map after training, placed: of the groups where they lie, of the rows in
    `also`, of a few best known values."""
    large, small = (PROJECTED_BOLD, PROJECTED) if projector else (BOLD, PLAIN)
    low, span = frame(found)

    def name(text: str, place: Matrix, beside: bool) -> Name:
        x, y = ((place - low) * SIDE / span).tolist()
        return Name(text, x, y, small if beside else large, beside)

    support = found.field.metadata[SUPPORT].to_numpy()
    known = np.argsort(-support, kind="stable")[:KNOWN].tolist()
    rows = list(dict.fromkeys([*also, *known]))
    wanted = [name(found.groups[g], place, False) for g, place in found.middles().items()]
    wanted += [name(found.field.names[row], found.after[row], True) for row in rows]
    return placed_names(wanted, SIDE, SIDE)


def _points(found: Overview, places: Matrix, rows: Index, group: int) -> go.Scatter:
    support = np.sqrt(found.field.metadata[SUPPORT].to_numpy(dtype=np.float64))
    sizes = SMALLEST + GROWTH * support / max(float(support.max()), 1.0)
    what = (
        [value_name(value) for value in found.field.metadata[found.attribute].iloc[rows]]
        if found.attribute
        else [UNKNOWN] * len(rows)
    )
    return go.Scatter(
        x=places[rows, 0],
        y=places[rows, 1],
        ids=[found.field.values[row] for row in rows],
        mode="markers",
        meta=f"{MOVES}{group + 1}",
        name=escape(found.groups[group]) if group != NEUTRAL else "other",
        text=[escape(found.field.names[row]) for row in rows],
        customdata=[
            [escape(found.field.values[row]), escape(w)] for row, w in zip(rows, what, strict=True)
        ],
        hovertemplate="<b>%{text}</b><br>%{customdata[1]}<extra></extra>",
        marker={
            "size": sizes[rows],
            "color": QUIET if group == NEUTRAL else COLORS[group],
            "opacity": 0.8,
            "line": {"width": 0},
        },
    )


def _names(figure: go.Figure, named: Sequence[Placed], low: Matrix, span: float) -> None:
    for placed in named:
        x, y = low + np.array([placed.x, placed.y]) * span / SIDE
        figure.add_annotation(
            x=x,
            y=y,
            text=escape(map_label(placed.name.text)),
            showarrow=False,
            font={
                "size": placed.name.letters.size,
                "weight": 700 if placed.name.letters.size > PLAIN.size else 500,
                "shadow": "auto",  # to be read on points too
            },
        )


def _laid_out(figure: go.Figure, low: Matrix, span: float) -> go.Figure:
    plain = {"showticklabels": False, "zeroline": False, "showgrid": False, "fixedrange": True}
    figure.update_xaxes(range=[low[0], low[0] + span], constrain="domain", **plain)
    figure.update_yaxes(range=[low[1], low[1] + span], constrain="domain", scaleanchor="x", **plain)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        showlegend=False,
        dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor=GROUND,
    )
    return figure


def two_fields_figure(
    found: TwoFields,
    group: tuple[Index, Index],
    arrows: Sequence[tuple[int, int]],
    projector: bool,
    near: Sequence[tuple[int, int]] = (),
) -> go.Figure:
    """Both fields on one map, the first hollow and the second filled, coloured by `group` (places
    in `COLORS`, NEUTRAL for none); for every pair of `arrows` an arrow from a value of the first
    to one of the second, both named; for every pair of `near` a thin line, named where there is
    room."""
    figure = go.Figure()
    drawn = [_spread_out(places) for places in (found.first_places, found.second_places)]
    both = np.concatenate(drawn)
    low, high = both.min(axis=0), both.max(axis=0)
    span = float((high - low).max()) * AIR or 1.0
    low = np.asarray((low + high) / 2 - span / 2)
    for field, places, groups, symbol in (
        (found.first, drawn[0], group[0], "circle-open"),
        (found.second, drawn[1], group[1], "circle"),
    ):
        figure.add_scatter(
            x=places[:, 0],
            y=places[:, 1],
            mode="markers",
            name=escape(field.field),
            text=[escape(name) for name in field.names],
            hovertemplate="<b>%{text}</b><br>" + escape(field.field) + "<extra></extra>",
            marker={
                "symbol": symbol,
                "size": 8,
                "color": [QUIET if g == NEUTRAL else COLORS[g] for g in groups],
                "opacity": 0.75,
            },
        )
    for first, second in near:
        ends = np.stack([drawn[0][first], drawn[1][second]])
        figure.add_scatter(
            x=ends[:, 0],
            y=ends[:, 1],
            mode="lines+markers",
            line={"color": NEAR_LINE, "width": 1.5},
            marker={"size": 13, "symbol": "circle-open", "color": NEAR_LINE, "line": {"width": 2}},
            hoverinfo="skip",
        )
    for first, second in arrows:
        _arrow(figure, drawn[0][first], drawn[1][second])
    named = [*arrows, *near]
    _names(figure, _ends(found, drawn, named, low, span, projector), low, span)
    return _laid_out(figure, low, span)


def _spread_out(places: Matrix) -> Matrix:
    """Square roots of the distances from the middle, the directions kept: a few long vectors would
    press all others together."""
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(places / np.sqrt(np.where(lengths > 0, lengths, 1.0)))


def _ends(
    found: TwoFields,
    both: Sequence[Matrix],
    arrows: Sequence[tuple[int, int]],
    low: Matrix,
    span: float,
    projector: bool,
) -> list[Placed]:
    letters = PROJECTED if projector else PLAIN
    wanted: dict[tuple[str, int], Name] = {}
    for first, second in arrows:
        for field, places, row in (
            (found.first, both[0], first),
            (found.second, both[1], second),
        ):
            x, y = ((places[row] - low) * SIDE / span).tolist()
            name = Name(field.names[row], x, y, letters, True)
            wanted.setdefault((field.field, row), name)
    return placed_names(list(wanted.values()), SIDE, SIDE)


def _arrow(figure: go.Figure, start: Matrix, end: Matrix) -> None:
    figure.add_annotation(
        x=end[0],
        y=end[1],
        ax=start[0],
        ay=start[1],
        axref="x",
        ayref="y",
        text="",
        showarrow=True,
        arrowhead=2,
        arrowwidth=2,
        arrowcolor=MARK,
        standoff=5,
        startstandoff=5,
    )
