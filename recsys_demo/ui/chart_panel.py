"""A chart as every room may show it: with alt text, its numbers as a table, and files to take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from recsys_demo.csv_export import to_csv
from recsys_demo.ui.messages import guarded
from recsys_demo.ui.shown_values import note_shown, takes_change


def chart(
    figure: go.Figure,
    name: str,
    alt: str,
    numbers: pd.DataFrame,
    on_select: Callable[[], None] | None = None,
) -> None:
    """Draw it. `name` is its widget key and the name of its files; `numbers` what it shows."""
    look: dict[str, Any] = {
        "alt": alt,
        "theme": None,
        "config": {
            "displaylogo": False,
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
        },
    }
    if on_select is None:
        st.plotly_chart(figure, key=name, **look)
    else:
        clickable_chart(figure, name, on_select, selection_mode="points", **look)
    files(name, numbers, figure)


def clickable_chart(
    figure: go.Figure, key: str, on_select: Callable[[], None], **look: Any
) -> None:
    """A chart whose points can be chosen; the callback finds what is chosen under the key. `look`
    goes to Streamlit."""

    def chosen() -> None:
        if takes_change(key):
            on_select()

    st.plotly_chart(figure, key=key, on_select=guarded(chosen, key), **look)
    note_shown(key, st.session_state.get(key))


def files(name: str, numbers: pd.DataFrame, figure: go.Figure | None = None) -> None:
    """The numbers as a table and as CSV, the chart as a page of its own."""
    with st.popover("Numbers and files", type="tertiary", icon=":material/table_view:"):
        st.dataframe(numbers, width="content", hide_index=True, alt=f"Numbers of {name}")
        with st.container(horizontal=True):
            csv(name, numbers)
            if figure is not None:
                st.download_button(
                    "Chart (HTML)",
                    lambda: page(figure),
                    f"{name}.html",
                    "text/html",
                    key=f"{name}.html",
                    icon=":material/download:",
                    on_click="ignore",
                )
        if figure is not None:
            st.caption("PNG: use the camera icon at the chart's upper right corner.")


def csv(name: str, numbers: pd.DataFrame, label: str = "Numbers (CSV)") -> None:
    """A button that saves a table."""
    st.download_button(
        label,
        lambda: to_csv(numbers),
        f"{name}.csv",
        "text/csv",
        key=f"{name}.csv",
        icon=":material/download:",
        on_click="ignore",
    )


def page(figure: go.Figure) -> bytes:
    """The chart as a web page that it fills, and that needs no network."""
    # Streamlit sizes a chart by its place on the page; a page of its own is all of it.
    # A kept chart (`chart_cache.SentFigure`) can only be read: a copy of its content is changed.
    whole = go.Figure(figure.to_dict()).update_layout(autosize=True, width=None, height=None)
    text: str = whole.to_html(
        include_plotlyjs=True,
        full_html=True,
        config={"responsive": True, "displaylogo": False},
        default_width="100%",
        default_height="100vh",
    )
    return text.replace("<body>", '<body style="margin: 0">', 1).encode()
