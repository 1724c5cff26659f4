"""The way from Start into the first lesson."""

from __future__ import annotations

import streamlit as st

from recsys_demo.lessons.files import LESSONS
from recsys_demo.lessons.messages import messages
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.messages import guarded
from recsys_demo.ui.rooms import FIRST
from recsys_demo.ui.state import State


def be_led_button(state: State) -> None:
    """Beside the button that plays; nothing while a lesson leads."""
    if state.led:
        return
    texts = messages(state.language)
    if st.button(
        texts.text("card.be_led"),
        key="start.led",
        icon=":material/school:",
        help=texts.text("card.be_led_help"),
        width="stretch",
        on_click=guarded(moves.begin, "start.led"),
        args=(LESSONS[0], FIRST),
    ):
        st.rerun()  # a part of the page that watches jobs would draw itself alone
