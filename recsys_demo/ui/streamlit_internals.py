"""Streamlit keeps what it knows of every widget a tab ever had, with the arguments of its callback:
by them, a tab that has been in all rooms would hold every model it was ever shown."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PAGE = "lab.page"


def forget_gone_widgets(page: str) -> None:
    """When this tab comes to another page, forget the widgets it had before the page it comes from;
    call it before any is drawn.

    Streamlit has dropped their values, and no browser shows them: on the same page a click may
    still be under way to a widget that is just being drawn again. There is no public way to do
    this: where a later version has other names, everything stays as it is.
    """
    context = get_script_run_ctx()
    if context is None or st.session_state.get(_PAGE) == page:
        return
    st.session_state[_PAGE] = page
    with suppress(AttributeError):
        safe = context.session_state
        with safe._lock:
            known = safe._state._new_widget_state.widget_metadata
            alive = {*safe._state._new_widget_state.states, *safe._state._old_state}
            for widget in known.keys() - alive:
                del known[widget]
