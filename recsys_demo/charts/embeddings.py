"""Maps of vectors. Colors come from the theme."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from recsys_demo.charts.theme import escape
from recsys_demo.studies.embeddings.labels import label_rows, map_label
from recsys_demo.studies.embeddings.vectors import SUPPORT, FieldVectors, Index, Matrix

# Softer than the colours of models, which mean models only; chosen as those are, by search.
# A second round has another symbol.
COLORS = ("#546090", "#D87854", "#308478", "#B484A8", "#009CE4", "#B43054", "#846000")
SYMBOLS = ("circle", "diamond")
CLASSES = len(COLORS) * len(SYMBOLS)  # what is left is "other"
OTHER, UNKNOWN = "other", "(unknown)"
UNKNOWNS = ("unknown", UNKNOWN)  # logs have their own word for it
QUIET = "#9aa0a6"
MARK = "#5A6464"
HEIGHT = 440
LABEL_WIDTH, LABEL_HEIGHT = 330.0, 340.0  # the narrowest map labels must fit
TAIL = 5.0
# Of the points, in pixels; more than CROWD of them get smaller, down to a half.
SMALLEST, GROWTH, CROWD = 5.0, 13.0, 500
RING_GAP = 4.0
MANY_MARKED = 100  # more rings than these are thin and tight, or they would hide the points
Pixels = npt.NDArray[np.float32]
NO_INDEX: Index = np.zeros(0, dtype=np.int64)
Color = pd.Series | None
Look = dict[str, object]  # of markers, in Plotly's words


@dataclass(frozen=True, eq=False)
class MapView:
    """A map as it is to be drawn: `places` [n, 2 or 3] of the values of `vectors`, their color, the
    rows that are marked and whether names stand on it."""

    vectors: FieldVectors
    places: Matrix
    color: Color = None
    sized: bool = True
    marked: Index = field(default_factory=lambda: NO_INDEX)
    labelled: bool = True
    axes: tuple[str, str] = ("", "")
    equal_axes: bool = True


def color_classes(values: pd.Series) -> pd.Series:
    """The most frequent classes by name, the others as one, missing ones as unknown."""
    names = pd.Series([value_name(value) for value in values], index=values.index)
    frequent = names[names != UNKNOWN].value_counts(sort=True).index[:CLASSES]
    return names.where(names.isin(frequent) | (names == UNKNOWN), OTHER)


def is_number(values: pd.Series) -> bool:
    """Whether a color is a scale rather than classes."""
    return bool(pd.api.types.is_numeric_dtype(values.dtype) and values.nunique() > CLASSES)


def map_figure(view: MapView) -> go.Figure:
    """Points that can be selected; `customdata` of each is its value."""
    figure = go.Figure()
    if view.color is None:
        _points(figure, view, np.arange(len(view.vectors)), "", {})
    elif is_number(view.color):
        _points(figure, view, np.arange(len(view.vectors)), "", _scale(view.color))
    else:
        _classes(figure, view, view.color)
    _marks(figure, view)
    if view.places.shape[1] == 2:
        _labels(figure, view)
    return _map_layout(figure, view)


def _classes(figure: go.Figure, view: MapView, color: pd.Series) -> None:
    """A trace per class: what is quiet lies below and rare classes above, or the many would hide
    them; the legend goes by name."""
    classes = color_classes(color)
    sizes, of_rows = classes.value_counts(sort=False), classes.to_numpy(dtype=object)
    listed = sorted(
        sizes.index, key=lambda c: (c in UNKNOWNS, c == OTHER, _is_quiet(c), natural_key(c))
    )
    grouped = color.nunique() - CLASSES
    for name in sorted(listed, key=lambda c: (not _is_quiet(c), -sizes[c])):
        rank = listed.index(name)
        look = _class_look(rank, name)
        shown = f"{OTHER} ({grouped} more)" if name == OTHER and grouped > 0 else name
        _points(figure, view, np.flatnonzero(of_rows == name), shown, look)
        figure.data[-1].legendrank = rank + 1


def natural_key(name: str) -> tuple[tuple[bool, int, str], ...]:
    """Orders by name as people do: "app 9" before "app 10"."""
    parts = re.split(r"([0-9]+)", name)
    return tuple(
        (part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts if part
    )


def _is_quiet(name: str) -> bool:
    return name == OTHER or name.casefold() in UNKNOWNS


def _class_look(i: int, name: str) -> Look:
    if _is_quiet(name):
        return {"color": QUIET}
    symbol = SYMBOLS[i // len(COLORS) % len(SYMBOLS)]
    return {"color": COLORS[i % len(COLORS)], "symbol": symbol}


def _points(
    figure: go.Figure,
    view: MapView,
    rows: npt.NDArray[np.intp],
    name: str,
    look: Look,
) -> None:
    # Thousands of points are sent at every change: single precision, and nothing twice.
    x, y, *z = view.places[rows].astype(np.float32).T
    common = {
        "mode": "markers",
        "name": escape(map_label(name)),
        "showlegend": bool(name),
        "marker": {"size": _sizes(view)[rows], "opacity": 0.8, "line": {"width": 0}} | look,
        "customdata": _known(view, rows),
        "text": [escape(view.vectors.names[i]) for i in rows],
        "hovertemplate": _hover(view),
    }
    if z:
        figure.add_trace(go.Scatter3d(x=x, y=y, z=z[0], **common))
    else:
        # WebGL: thousands of points stay fluid.
        common["unselected"] = {"marker": {"opacity": 0.25}}
        figure.add_trace(go.Scattergl(x=x, y=y, **common))


def _known(view: MapView, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.object_]:
    """Of each point: its value, by which it is selected; its training rows; its color in words.
    An array, because Plotly looks at every item of a list of lists."""
    columns: list[Sequence[object]] = [
        [view.vectors.values[i] for i in rows],
        view.vectors.metadata[SUPPORT].to_numpy()[rows].tolist(),
    ]
    if view.color is not None:
        colors = view.color.to_numpy(dtype=object)[rows]
        columns.append([escape(value_name(value)) for value in colors])
    found = np.empty((len(rows), len(columns)), dtype=object)
    for i, column in enumerate(columns):
        found[:, i] = column
    return found


def _hover(view: MapView) -> str:
    """What stands beside a point: name, support and color."""
    text = "<b>%{text}</b><br>%{customdata[1]:,} training rows"
    if view.color is not None:
        # A brace of a file's heading would be read as one of Plotly's.
        label = escape(str(view.color.name)).replace("%{", "% {")
        text += f"<br>{label}: %{{customdata[2]}}"
    return text + "<extra></extra>"


def value_name(value: object) -> str:
    """What a color's value is called."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return UNKNOWN
    if not isinstance(value, float):
        return str(value)
    # Whole numbers are floats where some are missing; years and counts lose no digit.
    return f"{value:.0f}" if value.is_integer() or abs(value) >= 1_000 else f"{value:.3g}"


def _sizes(view: MapView) -> Pixels:
    """Area by support; the more points, the smaller."""
    small = SMALLEST * float(np.clip(np.sqrt(CROWD / max(len(view.vectors), 1)), 1 / 2, 1))
    if not view.sized or not len(view.vectors):
        return np.full(len(view.vectors), small + 2, dtype=np.float32)
    support = np.sqrt(view.vectors.metadata[SUPPORT].to_numpy(dtype=np.float64))
    sizes = small + GROWTH * support / max(float(support.max()), 1.0)
    return np.asarray(sizes, dtype=np.float32)


def _scale(values: pd.Series) -> Look:
    """A color scale with its bar; of long tails the logarithm, with the numbers themselves on the
    bar."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = numbers[np.isfinite(numbers)]
    bar: Look = {
        "title": {"text": escape(map_label(str(values.name))), "side": "top"},
        "orientation": "h",
        "thickness": 10,
        "y": -0.02,
        "yanchor": "top",
    }
    if len(known) and known.min() >= 0 and known.max() > TAIL * (np.median(known) + 1):
        numbers = np.log10(1 + numbers)
        bar |= _decades(float(known.min()), float(known.max()))
    look = {"color": numbers.astype(np.float32), "colorscale": "Viridis", "showscale": True}
    return look | {"colorbar": bar}


def _decades(low: float, high: float) -> Look:
    """Ticks of a bar that shows log10(1 + x): 0, 1, 10, 100 ... as far as they are on it, the two
    ends where they do not crowd a neighbour."""
    ticks = [0.0] + [10.0**power for power in range(int(np.log10(1 + high)) + 1)]
    inside = [tick for tick in ticks if low <= tick <= high]
    gap = 0.15 * (np.log10(1 + high) - np.log10(1 + low))
    for end in (low, high):
        if all(abs(np.log10(1 + end) - np.log10(1 + tick)) > gap for tick in inside):
            inside.append(end)
    inside.sort()
    return {
        "tickvals": [float(np.log10(1 + tick)) for tick in inside],
        "ticktext": [f"{tick:,.0f}" for tick in inside],
    }


def _marks(figure: go.Figure, view: MapView) -> None:
    """Rings around what is selected, here or on the map beside."""
    x, y, *z = view.places[view.marked].astype(np.float32).T
    few = len(view.marked) <= MANY_MARKED
    sizes = 16.0 if few else _sizes(view)[view.marked] + RING_GAP
    common = {
        "mode": "markers",
        "name": "selected",
        "showlegend": False,
        "hoverinfo": "skip",
        "marker": {
            "symbol": "circle-open",
            "size": sizes,
            "color": MARK,
            "line": {"width": 2 if few else 1},
            "opacity": 1.0 if few else 0.6,
        },
    }
    if z:
        figure.add_trace(go.Scatter3d(x=x, y=y, z=z[0], **common))
    else:
        figure.add_trace(go.Scattergl(x=x, y=y, **common))


def _labels(figure: go.Figure, view: MapView) -> None:
    if not view.labelled:
        return
    support = view.vectors.metadata[SUPPORT].to_numpy()
    by_support = np.argsort(-support, kind="stable").tolist()
    first = dict.fromkeys([*view.marked.tolist(), *by_support])
    rows = label_rows(view.places, view.vectors.names, list(first), LABEL_WIDTH, LABEL_HEIGHT)
    for i in rows:
        # Not a trace of text: Plotly draws that below points of WebGL.
        figure.add_annotation(
            x=view.places[i, 0],
            y=view.places[i, 1],
            text=escape(map_label(view.vectors.names[i])),
            showarrow=False,
            yanchor="bottom",
            yshift=3,
            font={"size": 11, "weight": 600, "shadow": "auto"},  # to be read on points too
        )


def _map_layout(figure: go.Figure, view: MapView) -> go.Figure:
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
        dragmode="orbit" if view.places.shape[1] == 3 else "select",
        # The same place after a change of color or selection: zoom and turn stay.
        uirevision="map",
    )
    plain = {"showticklabels": False, "zeroline": False, "showgrid": False}
    figure.update_xaxes(title=escape(view.axes[0]), **plain)
    figure.update_yaxes(title=escape(view.axes[1]), **plain)
    if view.equal_axes:
        figure.update_yaxes(scaleanchor="x", constrain="domain")
        figure.update_xaxes(constrain="domain")
    bare = {"showticklabels": False, "title": ""}
    figure.update_scenes(xaxis=bare, yaxis=bare, zaxis=bare)
    return figure
