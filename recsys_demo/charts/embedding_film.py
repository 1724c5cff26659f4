"""The film of a training: a map of vectors epoch by epoch."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recsys_demo.charts.embeddings import HEIGHT, MapView, map_figure
from recsys_demo.charts.film_controls import film_controls
from recsys_demo.studies.embeddings.snapshots import Film
from recsys_demo.studies.embeddings.vectors import Matrix

TOOLS = 40  # pixels of a column of Plotly's tools
FRAME_MS = 500


def film_figure(view: MapView, film: Film) -> go.Figure:
    """The map epoch by epoch, with a slider and a play button; only the vectors move."""
    figure = map_figure(
        MapView(view.vectors, film.places[-1], view.color, view.sized, labelled=False)
    )
    at = {value: i for i, value in enumerate(view.vectors.values)}
    groups = [
        [at[point[0]] for point in trace.customdata] if trace.customdata is not None else []
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
        # Plotly's tools stand in a margin of their own: across the top they covered the legend.
        margin={"t": 40, "r": TOOLS},
        modebar={"orientation": "v"},
        **film_controls([str(epoch) for epoch in film.epochs], FRAME_MS, 0.2, 16),
        dragmode="pan",
    )
    return figure


def _moved(places: Matrix) -> go.Scattergl:
    places = places.astype(np.float32)
    return go.Scattergl(x=places[:, 0], y=places[:, 1])
