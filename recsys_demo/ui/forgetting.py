"""Streamlit keeps what it knows of every widget a tab ever had, with the arguments of its callback:
by them, a tab that has been in all rooms would hold every model it was ever shown."""

from __future__ import annotations

from contextlib import suppress

from streamlit.runtime.scriptrunner import get_script_run_ctx


def forget_gone_widgets() -> None:
    """Forget the widgets of this tab that the last run did not draw; call it before any is drawn.

    Streamlit has dropped their values then, so nobody asks for them again. It has no public way to
    do this: where a later version has other names, everything stays as it is.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    with suppress(AttributeError):
        safe = context.session_state
        with safe._lock:
            known = safe._state._new_widget_state.widget_metadata
            alive = {*safe._state._new_widget_state.states, *safe._state._old_state}
            for widget in known.keys() - alive:
                del known[widget]
