"""The faded trail of the map: earlier results on the same log, in this tab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from recsys_demo.charts.dots import Dot
from recsys_demo.ui import session
from recsys_demo.ui.withheld import is_model_withheld

_MEMORY = "map.trail"
LONGEST = 24


def earlier_dots(fingerprint: str, dots: Sequence[Dot], finished: Sequence[Dot]) -> list[Dot]:
    """The dots of earlier runs on the log of this fingerprint, for a map that shows `dots` now.
    The `finished` ones of these are kept for the next time."""
    of_log, kept = st.session_state.get(_MEMORY, (fingerprint, {}))
    if of_log != fingerprint:
        kept = {}
    kept = {**kept, **{dot.key: replace(dot, path=()) for dot in finished}}
    st.session_state[_MEMORY] = (fingerprint, dict(list(kept.items())[-LONGEST:]))
    now, state = {dot.key for dot in dots}, session.current()
    return [
        dot
        for key, dot in kept.items()
        if key not in now and not is_model_withheld(state, dot.model)
    ]
