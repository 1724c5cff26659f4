"""Charts are built once for everybody who sees the same: building one costs the server many times
what sending it again does."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

KEPT = 64  # of a tenth to a third of a megabyte each


def kept(key: object, build: Callable[[], go.Figure]) -> go.Figure:
    """The figure that `build` makes. `key` names the chart and all that goes into it by its `repr`,
    so it may not hold arrays or tables; nobody may change the figure."""
    return _kept(repr(key), build)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept(key: str, _build: Callable[[], go.Figure]) -> go.Figure:
    del key
    return _build()
