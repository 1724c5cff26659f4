"""Where the models of this tab stood before what was changed last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from recsys_demo.charts.dots import Dot
from recsys_demo.ui import session
from recsys_demo.ui.live.dots import TEST_ROWS
from recsys_demo.ui.withheld import is_model_withheld

_MEMORY = "live.before"


@dataclass(frozen=True)
class _Settled:
    """The models' last places, by their runs, and those before."""

    now: tuple[Dot, ...] = ()
    before: tuple[Dot, ...] = ()


def before(dots: Sequence[Dot]) -> tuple[Dot, ...]:
    """Where the models stood before these dots; places of finished models are remembered."""
    state = session.current()
    return tuple(dot for dot in _before(dots) if not is_model_withheld(state, dot.model))


def _before(dots: Sequence[Dot]) -> tuple[Dot, ...]:
    kept = st.session_state.get(_MEMORY)
    if not isinstance(kept, _Settled):
        kept = _Settled()
    if _runs(kept.now) == _runs(dots):
        return kept.before
    if dots and all(dot.note == TEST_ROWS for dot in dots):
        stood = tuple(replace(dot, path=()) for dot in dots)
        earlier = tuple(replace(dot, note="before") for dot in kept.now)
        kept = st.session_state[_MEMORY] = _Settled(stood, earlier)
        return kept.before
    return tuple(replace(dot, note="before") for dot in kept.now)


def _runs(dots: Sequence[Dot]) -> list[str]:
    return [dot.key for dot in dots]
