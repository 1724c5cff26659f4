"""Help beside a room's heading: the step of a lesson that explains it, and its terms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.format import Room
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.ui import session
from recsys_demo.ui.glossary.choices import CONTROL
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.rooms import Page
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

# The lesson and the step that say what a room is about.
STEPS: Mapping[Room, tuple[str, str]] = MappingProxyType(
    {
        "start": ("a", "dots"),
        "data": ("d", "store"),
        "crosses": ("b", "what"),
        "train": ("a", "train"),
        "compare": ("a", "one_number"),
        "embeddings": ("c", "flat"),
        "recommend": ("d", "missing"),
        "ablate": ("b", "joint"),
    }
)


def heading(page: Page, state: State) -> None:
    """The room's heading with its help."""
    step = next((step for room, step in STEPS.items() if room == page.key), None)
    if step is None:
        st.markdown(f"### {page.heading}")
        return
    texts = messages(state.language)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="heading"):
        st.markdown(f"### {page.heading}", width="content")
        with st.popover(texts.text("room_help.open"), type="tertiary", icon=":material/help:"):
            _explanation(page, state, texts, *step)


def _explanation(page: Page, state: State, texts: Messages, key: str, step_key: str) -> None:
    file = built_in(key)
    base = f"{key}.{step_key}"
    st.markdown(f"**{plain(texts.text(f'{base}.title'))}**  \n{plain(texts.text(f'{base}.text'))}")
    button(
        texts.text("room_help.step", lesson=key.upper(), step=file.lesson.place(step_key) + 1),
        "room_help.step",
        moves.go,
        file,
        file.lesson.step(step_key),
        page.key,
        icon=":material/school:",
    )
    terms = state.with_control(CONTROL, {"room": page.key})
    session.room_link("glossary", texts.text("room_help.terms"), state=terms)
