"""A tab holds what its page shows, and nothing of the rooms it has been in."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest


class Heavy:
    """What a callback holds: a model, a log."""


held: list[weakref.ref[Heavy]] = []


def page() -> None:
    """Pages with a button each that has something heavy of its own, as a room's buttons have."""
    import streamlit as st

    from recsys_demo.ui.streamlit_internals import forget_gone_widgets
    from tests.ui.test_streamlit_internals import Heavy, clicked, held, weakref

    number = st.session_state.setdefault("wanted", 0)
    forget_gone_widgets(f"page {number}")
    heavy = Heavy()
    held.append(weakref.ref(heavy))
    st.button("Go", key=f"go.{number}", on_click=clicked, args=(heavy,))
    st.session_state.setdefault("clicks", 0)


def clicked(heavy: Heavy) -> None:
    assert isinstance(heavy, Heavy)
    st.session_state["clicks"] += 1


@pytest.fixture(autouse=True)
def _nothing_held() -> None:
    held.clear()


def alive() -> int:
    gc.collect()
    return sum(ref() is not None for ref in held)


def test_what_gone_widgets_held_is_let_go_and_those_drawn_still_work() -> None:
    tab = AppTest.from_function(page).run()
    for number in range(1, 8):
        tab.session_state["wanted"] = number
        tab.run()
        for _ in range(2):
            tab.button(key=f"go.{number}").click().run()
        assert tab.session_state["clicks"] == 2 * number
        # This page's, and that of the page before: it goes with the next.
        assert alive() <= 2
    assert not tab.exception


def test_the_private_names_are_those_of_the_streamlit_that_is_pinned() -> None:
    """With another version they are looked at again: nothing of them is promised."""
    pins = (Path(__file__).parents[2] / "requirements.txt").read_text(encoding="utf-8")
    assert f"streamlit=={st.__version__}" in pins.splitlines()
    assert "is_history_navigation" in ScriptRunContext.__init__.__annotations__
    state = SessionState()
    assert state._new_widget_state.widget_metadata == {}
    assert state._new_widget_state.states == {}
    assert state._old_state == {}
