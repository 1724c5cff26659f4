"""What the widgets of this tab show, so that only what a person changes is acted on.

A browser sends the values of all widgets that it has, also of those that the last run left out. As
Streamlit has dropped their values by then, it takes them for changed, and calls the callback that
they had when they were drawn last: with what was true then.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

_SHOWN = "lab.shown"


def note_shown(key: str) -> None:
    """The widget of this key shows what it now holds: call it where it is drawn."""
    _shown()[key] = st.session_state.get(key)


def takes_change(key: str) -> bool:
    """Whether this widget's callback is called for a change; the new value is shown from now on."""
    given = st.session_state.get(key)
    is_change = key not in _shown() or _shown()[key] != given
    _shown()[key] = given
    return bool(is_change)


def _shown() -> dict[str, Any]:
    kept: dict[str, Any] = st.session_state.setdefault(_SHOWN, {})
    return kept
