"""What the lab must know or change of Streamlit's own memory, in one place.

Streamlit keeps what it knows of every widget a tab ever had, with the arguments of its callback: by
them, a tab that has been in all rooms would hold every model it was ever shown. And it keeps what
each tab has uploaded.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

import streamlit as st
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
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


def is_history_navigation() -> bool:
    """Whether this run answers the browser's Back or Forward."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def held_upload_bytes(sessions: Collection[str]) -> int:
    """Bytes of the uploads that Streamlit keeps for these tabs."""
    if not runtime.exists():
        return 0
    manager = runtime.get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    with manager._lock:
        return sum(
            len(file.data)
            for session in sessions
            for file in manager.file_storage.get(session, {}).values()
        )
