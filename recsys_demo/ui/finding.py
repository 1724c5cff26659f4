"""The one sentence below a room's heading that says what is so."""

from __future__ import annotations

import streamlit as st

from recsys_demo.ui.glossary.hints import hint


def finding(text: str) -> None:
    """Show the sentence; it may hold Markdown, so names of others are to be made `plain`."""
    with st.container(key="finding"):
        st.markdown(text, help=hint(text))
