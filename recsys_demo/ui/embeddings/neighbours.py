"""Who stands beside whom, in the vectors themselves and not on the map."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recsys_demo.studies.embeddings.neighbours import neighbour_table
from recsys_demo.studies.embeddings.quality import percent
from recsys_demo.studies.embeddings.vectors import common_values
from recsys_demo.ui.embeddings import measurements
from recsys_demo.ui.embeddings.maps import PaneView
from recsys_demo.ui.embeddings.selection import marked
from recsys_demo.ui.markdown import plain

K = 10


def neighbours(views: Sequence[PaneView], color: str) -> None:
    """The nearest of one value in every pane, and how far the lists agree."""
    first = views[0].vectors
    shared = common_values([view.vectors for view in views])
    if not shared:
        st.info("These maps have no value in common.")
        return
    there = set(shared)
    chosen = next((value for value in marked() if value in there), None)
    order = [value for value in measurements.by_support(first) if value in there]
    value = st.selectbox(
        "Neighbours of",
        order,
        index=0 if chosen is None else order.index(chosen),
        format_func=measurements.namer(first),
        help="Starts at the first marked value.",
    )
    tables = [neighbour_table(view.vectors, value, K) for view in views]
    for column, view, table in zip(st.columns(len(views)), views, tables, strict=True):
        with column:
            st.markdown(f"**{plain(view.pane.label)}**")
            shown = ["name", "cosine", *([color] if color in table else []), "support"]
            st.dataframe(
                table[list(dict.fromkeys(shown))],
                hide_index=True,
                width="stretch",
                column_config={"cosine": st.column_config.NumberColumn(format="%.2f")},
            )
    _agreement(views, tables)


def _agreement(views: Sequence[PaneView], tables: Sequence[pd.DataFrame]) -> None:
    field = views[0].vectors.field
    first = set(tables[0]["value"])
    for view, table in zip(views[1:], tables[1:], strict=True):
        here = len(first & set(table["value"]))
        overall = measurements.list_agreement(views[0].pane, view.pane, field)
        chance = K / max(len(views[0].vectors) - 1, 1)
        st.markdown(
            f"{plain(views[0].pane.label)} and {plain(view.pane.label)} agree on **{here} of "
            f"{len(table)}** neighbours here, and over all values on **{overall.value:.0%}** "
            f"({overall.low:.0%} to {overall.high:.0%}; {percent(chance)} would be by chance)."
        )
    st.caption("By cosine in all dimensions, not by distance on the map.")
