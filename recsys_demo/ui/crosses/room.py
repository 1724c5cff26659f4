"""The Crosses room from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from recsys_demo.configuration import CrossesConfig
from recsys_demo.crosses.coded import CodedLog
from recsys_demo.crosses.definition import parse_cross
from recsys_demo.crosses.listing import Entries, active, added, is_there
from recsys_demo.crosses.suggestions import finest
from recsys_demo.data.sources import Dataset
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui.crosses import computed, details
from recsys_demo.ui.crosses.builder import builder
from recsys_demo.ui.crosses.entries import Save, entry_list
from recsys_demo.ui.crosses.overcrossing import demonstration
from recsys_demo.ui.crosses.suggested import suggestions
from recsys_demo.ui.frame import show_error

if TYPE_CHECKING:
    from recsys_demo.overcross import Point  # torch comes with it

REFUSED = "crosses.refused"


def crosses_room(data: Dataset, entries: Entries, save: Save, limits: Limits) -> None:
    """Build crosses and see what they remember; `save` takes a changed list over."""
    key, min_support = data.fingerprint, CrossesConfig().min_support
    log = computed.coded(key, data.train, data.test)

    def add(text: str) -> None:
        try:
            save(added(entries, text, data.schema, limits=limits))
        except InputError as error:
            st.session_state[REFUSED] = error

    left, right = st.columns([3, 2], gap="large")
    with left:
        cross = builder(log, entries[0].text if entries else "", limits)
        if cross is not None:
            there = is_there(entries, cross, data.schema, limits)
            st.button(
                "This cross is in your list" if there else "Add this cross",
                type="primary",
                icon=":material/check:" if there else ":material/add:",
                disabled=there,
                key="crosses.add",
                on_click=add,
                args=(str(cross),),
            )
        refused = st.session_state.pop(REFUSED, None)
        if isinstance(refused, InputError):
            show_error(refused)
    with right, st.container(border=True):
        entry_list(entries, save)
        _together(key, active(entries), log, min_support, limits)
    described = None
    if cross is not None:
        try:
            described = computed.described(key, str(cross), min_support, cross, log, limits)
            details.size(cross, described, min_support)
        except InputError as error:
            show_error(error)
    names = ["Suggestions", "Overcross"]
    tabs = st.tabs([*(["Strongest combinations", "Hashing"] if described else []), *names])
    if described is not None:
        with tabs[0]:
            details.strongest(key, described, log, min_support)
        with tabs[1]:
            details.hashing(described)
    with tabs[-2]:
        suggestions(key, log, add)
    with tabs[-1]:
        demonstration(
            finest(data.schema, log.encoder),
            lambda text, l1: _trained(data, text, l1, limits),
        )


def _together(
    key: str, texts: Sequence[str], log: CodedLog, min_support: int, limits: Limits
) -> None:
    """What the crosses that are on can speak about together."""
    known = []
    for text in texts:
        try:
            cross = parse_cross(text, log.encoder.schema, limits)
            known.append(computed.described(key, text, min_support, cross, log, limits))
        except InputError as error:
            show_error(error)
    if known:
        share = computed.together(key, tuple(texts), min_support, known, log)
        weights = sum(described.size.parameters for described in known)
        st.caption(f"On together: {weights:,} weights, they speak about {share:.1%} of test rows.")


def _trained(data: Dataset, text: str, l1: float, limits: Limits) -> Sequence[Point]:
    from recsys_demo.overcross import overcross

    return list(overcross(text, data.train, data.test, l1=l1, limits=limits))
