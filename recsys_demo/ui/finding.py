"""The one sentence below a room's heading that says what is so."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys_demo.ui.glossary.hints import hint


def finding(text: str, of: str = "", said: DeltaGenerator | None = None) -> None:
    """Show the sentence; it may hold Markdown, so names of others are to be made `plain`. `of` is
    what it is about where a room has more than one; `said` a place kept for it below the heading by
    `st.empty`, which a part of the page that is drawn again writes anew."""
    container = st.container if said is None else said.container
    with container(key=f"finding.{of}" if of else "finding"):
        st.markdown(text, help=hint(text))
