"""The faded trail of the map: what it showed before, as long as the data stay the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from recsys_demo.charts.tradeoff import Dot

_MEMORY = "map.trail"
LONGEST = 24


@dataclass(frozen=True)
class _Shown:
    """What the map of this tab shows: of which data and runs."""

    data: str
    runs: tuple[str, ...]
    dots: tuple[Dot, ...]
    trail: tuple[Dot, ...]


def trail(data: str, runs: Sequence[str], dots: Sequence[Dot]) -> list[Dot]:
    """The dots of earlier runs, given what is drawn now: of these data, by these runs (keys).

    When other runs are drawn than last time, those of last time become part of the trail.
    """
    before = st.session_state.get(_MEMORY)
    earlier: tuple[Dot, ...] = ()
    if isinstance(before, _Shown) and before.data == data:
        earlier = before.trail
        if before.runs != tuple(runs):
            earlier = (*earlier, *before.dots)[-LONGEST:]
    st.session_state[_MEMORY] = _Shown(data, tuple(runs), tuple(dots), earlier)
    last = {dot.key: dot for dot in earlier}
    return [dot for key, dot in last.items() if key not in {dot.key for dot in dots}]
