"""Pictures of vectors: maps, films of a training, probes, lift. Colors come from the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from recsys_demo.projection.labels import label_rows, shortened
from recsys_demo.projection.probes import Probe
from recsys_demo.projection.snapshots import Film
from recsys_demo.projection.vectors import SUPPORT, FieldVectors, Index, Matrix

# Okabe and Ito's colors, told apart by color-blind people too; a second round has another symbol.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#B8A800")
SYMBOLS = ("circle", "diamond")
CLASSES = len(COLORS) * len(SYMBOLS)  # what is left is "other"
OTHER, UNKNOWN = "other", "(unknown)"
QUIET = "#9aa0a6"
MARK = "#e5007d"
HEIGHT = 440
LABEL_WIDTH, LABEL_HEIGHT = 330.0, 340.0  # the narrowest map labels must fit
TAIL = 5.0
FRAME_MS = 500
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
    names = values.astype(object).where(values.notna(), UNKNOWN).astype(str)
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
        classes = color_classes(view.color)
        order = sorted(classes.unique(), key=lambda c: (c == UNKNOWN, c == OTHER, c))
        for i, name in enumerate(order):
            _points(figure, view, np.flatnonzero(classes == name), name, _class_look(i, name))
    _marks(figure, view)
    if view.places.shape[1] == 2:
        _labels(figure, view)
    return _map_layout(figure, view)


def _class_look(i: int, name: str) -> Look:
    if name in (OTHER, UNKNOWN):
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
    x, y, *z = view.places[rows].T
    common = {
        "mode": "markers",
        "name": escape(shortened(name)),
        "showlegend": bool(name),
        "marker": {"size": _sizes(view)[rows], "opacity": 0.8, "line": {"width": 0}} | look,
        "customdata": [[view.vectors.values[i]] for i in rows],
        "text": hover_texts(view, rows),
        "hovertemplate": "%{text}<extra></extra>",
    }
    if z:
        figure.add_trace(go.Scatter3d(x=x, y=y, z=z[0], **common))
    else:
        # WebGL: thousands of points stay fluid.
        common["unselected"] = {"marker": {"opacity": 0.25}}
        figure.add_trace(go.Scattergl(x=x, y=y, **common))


def hover_texts(view: MapView, rows: npt.NDArray[np.intp]) -> list[str]:
    """Name, support and color of each point, safe to show."""
    support = view.vectors.metadata[SUPPORT].to_numpy()
    lines = [
        f"<b>{escape(view.vectors.names[i])}</b><br>{support[i]:,} training rows" for i in rows
    ]
    if view.color is None:
        return lines
    label = escape(str(view.color.name))
    values = view.color.to_numpy(dtype=object)
    return [
        f"{line}<br>{label}: {escape(_value(values[i]))}"
        for line, i in zip(lines, rows, strict=True)
    ]


def _value(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return UNKNOWN
    return f"{value:,.3g}" if isinstance(value, float) else str(value)


def _sizes(view: MapView) -> npt.NDArray[np.float64]:
    """Area by support, from 5 to 18 pixels."""
    if not view.sized or not len(view.vectors):
        return np.full(len(view.vectors), 7.0)
    support = np.sqrt(view.vectors.metadata[SUPPORT].to_numpy(dtype=np.float64))
    return np.asarray(5 + 13 * support / max(float(support.max()), 1.0))


def _scale(values: pd.Series) -> Look:
    """A color scale with its bar; of long tails the logarithm, said on the bar."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = numbers[np.isfinite(numbers)]
    title = escape(shortened(str(values.name)))
    if len(known) and known.min() >= 0 and known.max() > TAIL * (np.median(known) + 1):
        numbers, title = np.log10(1 + numbers), f"log10(1 + {title})"
    bar = {
        "title": {"text": title, "side": "top"},
        "orientation": "h",
        "thickness": 10,
        "y": -0.02,
        "yanchor": "top",
    }
    return {"color": numbers, "colorscale": "Viridis", "showscale": True, "colorbar": bar}


def _marks(figure: go.Figure, view: MapView) -> None:
    """Rings around what is selected, here or on the map beside."""
    x, y, *z = view.places[view.marked].T if len(view.marked) else view.places[:0].T
    common = {
        "mode": "markers",
        "name": "selected",
        "showlegend": False,
        "hoverinfo": "skip",
        "marker": {"symbol": "circle-open", "size": 16, "color": MARK, "line": {"width": 2}},
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
    figure.add_trace(
        go.Scatter(
            x=view.places[rows, 0],
            y=view.places[rows, 1],
            mode="text",
            text=[escape(shortened(view.vectors.names[i])) for i in rows],
            textposition="top center",
            textfont={"size": 11},
            showlegend=False,
            hoverinfo="skip",
            name="names",
        )
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
    plain = {"showticklabels": False, "zeroline": False}
    figure.update_xaxes(title=escape(view.axes[0]), **plain)
    figure.update_yaxes(title=escape(view.axes[1]), **plain)
    if view.equal_axes:
        figure.update_yaxes(scaleanchor="x", constrain="domain")
        figure.update_xaxes(constrain="domain")
    bare = {"showticklabels": False, "title": ""}
    figure.update_scenes(xaxis=bare, yaxis=bare, zaxis=bare)
    return figure


def film_figure(view: MapView, film: Film) -> go.Figure:
    """The map epoch by epoch, with a slider and a play button; only the vectors move."""
    figure = map_figure(
        MapView(view.vectors, film.places[-1], view.color, view.sized, labelled=False)
    )
    groups = [
        [view.vectors.values.index(point[0]) for point in trace.customdata]
        if trace.customdata is not None
        else []
        for trace in figure.data
    ]
    traces = [i for i, rows in enumerate(groups) if rows]
    figure.frames = [
        go.Frame(
            name=str(epoch),
            data=[_moved(places[groups[i]]) for i in traces],
            traces=traces,
        )
        for epoch, places in zip(film.epochs, film.places, strict=True)
    ]
    everything = np.concatenate(film.places)[:, :2]
    reach = float(np.abs(everything - everything.mean(0)).max()) * 1.08 or 1.0
    centre = everything.mean(0)
    figure.update_xaxes(range=[centre[0] - reach, centre[0] + reach], autorange=False)
    figure.update_yaxes(range=[centre[1] - reach, centre[1] + reach], autorange=False)
    figure.update_layout(
        height=HEIGHT + 110,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"},
        margin={"t": 40},
        sliders=[_slider(film.epochs)],
        updatemenus=[_buttons()],
        dragmode="pan",
    )
    return figure


def _moved(places: Matrix) -> go.Scattergl:
    return go.Scattergl(x=places[:, 0], y=places[:, 1])


def _slider(epochs: Sequence[int]) -> dict[str, object]:
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}
    return {
        "active": len(epochs) - 1,
        "currentvalue": {"prefix": "after epoch "},
        "x": 0.2,
        "len": 0.8,
        "pad": {"t": 16},
        "steps": [
            {"label": str(epoch), "method": "animate", "args": [[str(epoch)], still]}
            for epoch in epochs
        ],
    }


def _buttons() -> dict[str, object]:
    play = {"frame": {"duration": FRAME_MS, "redraw": True}, "transition": {"duration": 0}}
    stop = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}}
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 34},
        "buttons": [
            {"label": "▶", "method": "animate", "args": [None, play | {"fromcurrent": False}]},
            {"label": "❚❚", "method": "animate", "args": [[None], stop]},
        ],
    }


def probe_figure(probes: Sequence[Probe]) -> go.Figure:
    """Trained and untrained tables with their intervals, chance as a line, a row per measure."""
    names = [escape(f"{shortened(p.target)}: {p.measure}") for p in probes]
    figure = go.Figure()
    for label, intervals in (
        ("trained", [p.trained for p in probes]),
        ("random start", [p.untrained for p in probes]),
    ):
        values = [i.value for i in intervals]
        figure.add_scatter(
            x=values,
            y=names,
            mode="markers",
            name=label,
            marker={"size": 9, "symbol": "circle" if label == "trained" else "circle-open"},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [i.high - i.value for i in intervals],
                "arrayminus": [i.value - i.low for i in intervals],
            },
            hovertemplate="%{y}<br>%{x:.2f}<extra>%{fullData.name}</extra>",
        )
    figure.add_scatter(
        x=[p.chance for p in probes],
        y=names,
        mode="markers",
        name="guess without vectors",
        marker={"symbol": "line-ns-open", "size": 16, "color": QUIET, "line": {"width": 2}},
        hovertemplate="%{x:.2f}<extra>%{fullData.name}</extra>",
    )
    low = min([0.0, *(p.trained.value for p in probes), *(p.untrained.value for p in probes)])
    figure.update_xaxes(range=[low - 0.05, 1.02], title="")
    figure.update_yaxes(autorange="reversed", automargin=True)
    figure.update_layout(
        height=110 + 44 * len(probes),
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.25 if len(probes) < 3 else -0.12, "yanchor": "top"},
    )
    return figure
