"""Every list in one table, with all that is known of each item."""

from __future__ import annotations

import streamlit as st

from recsys_demo.csv_export import to_csv
from recsys_demo.recommendation.answer import Answer


def numbers(found: Answer) -> None:
    """The items of all lists, a row each."""
    table = found.table()
    percents = [c for c in map(str, table) if c.endswith(" says") or c == "planted truth"]
    config = {column: st.column_config.NumberColumn(format="percent") for column in percents}
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config=config,
        alt=f"{len(table)} apps of all lists with places and probabilities by model",
    )
    st.download_button(
        "These numbers as CSV",
        lambda: to_csv(table),
        "lists.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
