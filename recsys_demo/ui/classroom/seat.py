"""What this tab knows of its class, as it was when the page began to be drawn."""

from __future__ import annotations

import streamlit as st

from recsys_demo.lessons.classroom.seats import Seat

_SEAT = "class.seat"


def seat() -> Seat | None:
    """Where the browser sits; None where it is in no class."""
    kept = st.session_state.get(_SEAT)
    return kept if isinstance(kept, Seat) else None


def keep(found: Seat | None) -> None:
    """Note where it sits."""
    st.session_state[_SEAT] = found
