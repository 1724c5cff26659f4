"""What is marked on all maps at once: by box, by lasso, by search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.csv_export import to_csv
from recsys_demo.studies.embeddings.export import map_frame
from recsys_demo.studies.embeddings.vectors import FieldVectors, Matrix
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.widgets import button, keyed

MARKED = "embeddings.marked"
SEARCH = "embeddings.search"
SEARCH_WIDTH = 225  # pixels: with the switches it fills one row


def marked() -> tuple[str, ...]:
    """The values marked now."""
    values = st.session_state.get(MARKED, ())
    return values if isinstance(values, tuple) else ()


def mark(values: Sequence[str]) -> None:
    """Mark these instead."""
    st.session_state[MARKED] = tuple(dict.fromkeys(values))


def mark_from_chart(key: str) -> None:
    """Take a chart's box or lasso over; an emptied selection unmarks."""
    event = st.session_state.get(key)
    mark(selected_values(event))


def selected_values(event: Any) -> list[str]:
    """The values of the points of a selection event."""
    points = event.get("selection", {}).get("points", []) if event else []
    found = []
    for point in points:
        data = point.get("customdata")
        # A list of one comes back as a mapping from position to value.
        first = data.get("0") if isinstance(data, dict) else data[0] if data else None
        if isinstance(first, str):
            found.append(first)
    return found


def search(vectors: FieldVectors, color: str) -> None:
    """Marks all values whose name holds a text, or whose color it names."""

    def find() -> None:
        mark(measurements.found_by(vectors, st.session_state[SEARCH], color))

    text = st.text_input(
        "Search",
        placeholder="Mark a name or color",
        icon=":material/search:",
        max_chars=100,
        label_visibility="collapsed",
        width=SEARCH_WIDTH,
        **keyed(SEARCH, find),
    )
    if text.strip() and not measurements.found_by(vectors, text, color):
        st.caption("No name contains this, and no color has this name.")


def table(vectors: FieldVectors, pane: Pane, places: Matrix) -> None:
    """What is marked, with everything known of it."""
    rows = measurements.known_rows(vectors, marked())
    if not len(rows):
        st.info(
            "Nothing is marked. Draw a box or a lasso on a map (the tools are at its upper right "
            "corner), or search for a name.",
            icon=":material/select_all:",
        )
        return
    frame: pd.DataFrame = map_frame(vectors.take(rows), places[rows])
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    left.caption(f"{len(rows):,} of {len(vectors):,} values marked; places on the first map.")
    with right:
        button("Unmark", "embeddings.unmark", mark, (), width="stretch")
    st.dataframe(frame, hide_index=True, width="stretch", key="embeddings.table")
    st.download_button(
        "Marked values as CSV",
        lambda: to_csv(frame),
        f"{pane.run.manifest.model.name}_{vectors.field}_marked.csv",
        "text/csv",
        icon=":material/download:",
    )
