"""The one sentence below a room's heading that says what is so."""

from __future__ import annotations

import streamlit as st

from recsys_demo.ui.glossary.hints import hint


def finding(text: str, of: str = "") -> None:
    """Show the sentence; it may hold Markdown, so names of others are to be made `plain`. `of` is
    what it is about where a room has more than one."""
    with st.container(key=f"finding.{of}" if of else "finding"):
        st.markdown(text, help=hint(text))
