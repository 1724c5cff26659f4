"""A training played again on the map, epoch by epoch, with a slider."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from recsys_demo.charts.dots import TRAVELS, Dot
from recsys_demo.charts.film_controls import film_controls
from recsys_demo.charts.paths import Place, path_trace
from recsys_demo.charts.tradeoff import tradeoff_map

FRAME_MS, HEIGHT = 350, 540
END = "test rows"


def training_film(
    dots: Sequence[Dot],
    x_title: str,
    y_title: str,
    ceiling: Place | None,
    popularity: Place | None = None,
) -> go.Figure:
    """The map with a frame for every epoch, from chance (epoch 0) over validation rows to the test
    rows. A model that has ended stays where it is. Opened, it stands at its end."""
    shown = [dot for dot in dots if dot.path]
    figure = tradeoff_map(
        shown,
        x_title,
        y_title,
        ceiling=ceiling,
        height=HEIGHT,
        zoom=False,
        popularity=popularity,
    )
    longest = max((len(dot.path) for dot in shown), default=0)
    names = [*map(str, range(longest + 1)), END]
    traces = _traces(figure, len(shown))
    figure.frames = [
        go.Frame(name=name, data=_frame(shown, epoch), traces=traces)
        for epoch, name in enumerate(names)
    ]
    figure.update_layout(film_controls(names, FRAME_MS, 0.14, 62), margin={"b": 130})
    return figure


def _traces(figure: go.Figure, dots: int) -> list[int]:
    """Where the paths and the dots are among the traces."""
    names = {trace.meta: place for place, trace in enumerate(figure.data)}
    return [*range(dots), *(names[f"{TRAVELS}{place}"] for place in range(dots))]


def _frame(dots: Sequence[Dot], epoch: int) -> list[go.Scatter]:
    ways = [_until(dot, epoch) for dot in dots]
    paths = [path_trace(dot.model, way) for dot, way in zip(dots, ways, strict=True)]
    return [*paths, *(go.Scatter(x=[way[-1][0]], y=[way[-1][1]]) for way in ways)]


def _until(dot: Dot, epoch: int) -> tuple[tuple[float, float], ...]:
    """The dot's way up to this epoch; the test rows come when all models have ended."""
    return dot.way if epoch > len(dot.path) else dot.way[: epoch + 1]
