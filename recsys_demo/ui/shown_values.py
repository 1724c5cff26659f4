"""What the widgets of this tab show, so that only what a person changes is acted on.

With everything that is asked of the server a browser sends the values of all widgets that it has:
also of those that the last run left out, and of those that show something else by now, which it has
not heard of yet. Streamlit takes both for changed, and calls the callback that the widget had when
it was drawn last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

_SHOWN, _BUTTONS = "lab.shown", "lab.buttons"
MOST_EARLIER = 20


@dataclass
class _Shown:
    """What a widget shows, and what it showed before that the browser may still have."""

    value: Any
    earlier: list[Any] = field(default_factory=list)


def note_shown(key: str, value: Any) -> None:
    """The widget of this key is drawn with this value; call it before the value is set."""
    kept = _shown().setdefault(key, _Shown(value))
    if st.session_state.get(key) == kept.value:
        kept.earlier.clear()  # this is what the browser has sent
    if value != kept.value:
        kept.earlier = [*kept.earlier, kept.value][-MOST_EARLIER:]
        kept.value = value


def note_button(key: str) -> None:
    """A button of this key is drawn."""
    _buttons().add(key)


def takes_change(key: str) -> bool:
    """Whether this widget's callback is called for what a person has changed; it shows that from
    now on. A value that it showed before is none if something else is why the browser asks."""
    given, kept = st.session_state.get(key), _shown().get(key)
    if kept is not None:
        if given == kept.value or (given in kept.earlier and _is_by_another(key)):
            return False
        kept.value = given
        kept.earlier.clear()
    return True


def _is_by_another(key: str) -> bool:
    """Whether a button was pressed, or other widgets have another value than they show."""
    now = st.session_state
    return any(now.get(button) is True for button in _buttons()) or any(
        other != key and other in now and now[other] != kept.value
        for other, kept in _shown().items()
    )


def _shown() -> dict[str, _Shown]:
    kept: dict[str, _Shown] = st.session_state.setdefault(_SHOWN, {})
    return kept


def _buttons() -> set[str]:
    kept: set[str] = st.session_state.setdefault(_BUTTONS, set())
    return kept
