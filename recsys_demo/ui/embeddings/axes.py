"""A custom axis: everything on the line between two values or groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from recsys_demo.charts.embeddings import MapView, map_figure
from recsys_demo.csv_export import to_csv
from recsys_demo.errors import InputError
from recsys_demo.studies.embeddings.axis import CustomAxis, custom_axis
from recsys_demo.studies.embeddings.vectors import FieldVectors
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.maps import PaneView
from recsys_demo.ui.embeddings.selection import marked
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.widgets import button

LEFT, RIGHT = "embeddings.axis.left", "embeddings.axis.right"


def axes(views: Sequence[PaneView], choices: EmbeddingChoices, color: str) -> None:
    """Two ends, and every pane's values between them."""
    first = views[0].vectors
    order = measurements.by_support(first)
    there = set(order)
    for key in (LEFT, RIGHT):
        kept = [value for value in st.session_state.get(key, []) if value in there]
        st.session_state[key] = kept
    if not st.session_state[LEFT] and not st.session_state[RIGHT] and len(order) > 1:
        st.session_state[LEFT], st.session_state[RIGHT] = order[:1], order[1:2]
    for column, key, end in zip(st.columns(2), (LEFT, RIGHT), ("Left", "Right"), strict=True):
        with column:
            st.multiselect(f"{end} end", order, format_func=measurements.namer(first), key=key)
            button(
                f"Take the {len(marked())} marked values",
                f"{key}.take",
                _take,
                key,
                disabled=not marked(),
            )
    for column, view in zip(st.columns(len(views)), views, strict=True):
        with column:
            _axis(view, choices, color)


def _take(key: str) -> None:
    st.session_state[key] = list(marked())


def _axis(view: PaneView, choices: EmbeddingChoices, color: str) -> None:
    vectors = view.vectors
    st.markdown(f"**{plain(view.pane.label)}**")
    ends = [measurements.known_rows(vectors, st.session_state[key]) for key in (LEFT, RIGHT)]
    try:
        axis = custom_axis(vectors.vectors, ends[0], ends[1], choices.settings.metric)
    except InputError as error:
        show_error(error)
        return
    names = [end_name(vectors, rows) for rows in ends]
    figure = map_figure(
        MapView(
            vectors,
            np.column_stack([axis.along, axis.across]),
            vectors.metadata.get(color, None),
            choices.sized,
            np.unique(np.concatenate([*ends, measurements.known_rows(vectors, marked())])),
            choices.named,
            axes=(f"← {names[0]}      {names[1]} →", "main direction of the rest"),
            equal_axes=False,
        )
    )
    figure.update_xaxes(
        side="top",
        automargin=True,
        showticklabels=True,
        tickvals=[0, 1],
        ticktext=["left end", "right end"],
    )
    st.plotly_chart(
        figure,
        key=f"embeddings.axis.{view.pane.key}",
        config={"displaylogo": False},
        alt=f"{len(vectors)} values on the line from {names[0]} to {names[1]}",
    )
    st.caption(f"The axis explains {axis.share:.0%} of the vectors' spread.")
    st.download_button(
        "Axis as CSV",
        lambda: to_csv(axis_frame(vectors, axis)),
        f"axis_{view.pane.key}.csv",
        "text/csv",
        key=f"embeddings.axis.csv.{view.pane.key}",
    )


def end_name(vectors: FieldVectors, rows: np.ndarray) -> str:
    """What to write at an end of the axis."""
    first = vectors.names[rows[0]]
    return first if len(rows) == 1 else f"{first} and {len(rows) - 1} more"


def axis_frame(vectors: FieldVectors, axis: CustomAxis) -> pd.DataFrame:
    """All values from left to right."""
    frame = pd.DataFrame(
        {
            "name": vectors.names,
            "value": vectors.values,
            "along": axis.along,
            "across": axis.across,
        }
    )
    return frame.join(vectors.metadata).sort_values("along", kind="stable")
