"""The language of lessons, quiz and glossary."""

from __future__ import annotations

import streamlit as st

from recsys_demo.lessons.messages import LANGUAGES, NATIVE, Messages
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound


def language_choice(state: State, texts: Messages) -> None:
    """A list of the languages by their own names."""
    st.selectbox(
        texts.text("card.language"),
        LANGUAGES,
        format_func=lambda language: NATIVE[language],
        **bound("lessons.language", state.language, moves.speak),
    )
