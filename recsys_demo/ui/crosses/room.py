"""The Crosses room from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from recsys_demo.data.sources import Dataset
from recsys_demo.errors import InputError
from recsys_demo.features.crosses import Cross, parse_cross
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses import sentences
from recsys_demo.studies.crosses.entries import Entries, active, added, is_there
from recsys_demo.studies.crosses.log_codes import LogCodes
from recsys_demo.studies.crosses.sentences import Row
from recsys_demo.studies.crosses.statistics import CrossStatistics
from recsys_demo.studies.crosses.suggestions import finest_item_field
from recsys_demo.ui import datasets, room_choices, session
from recsys_demo.ui.crosses import counts, details
from recsys_demo.ui.crosses.builder import builder, built
from recsys_demo.ui.crosses.choices import CONTROL, MIN_SUPPORT, CrossesChoices
from recsys_demo.ui.crosses.entries import change, entry_list, kept
from recsys_demo.ui.crosses.learned import learned_section
from recsys_demo.ui.crosses.overcross import overcross_section
from recsys_demo.ui.crosses.suggestions import suggestions
from recsys_demo.ui.crosses.trial import train_with_it, trial_section
from recsys_demo.ui.finding import finding
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error, show_refusal
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

STRONGEST, HASHING = "Strongest combinations", "Hashing"
SUGGESTIONS, LEARNED, OVERCROSS = "Suggestions", "Invented by a model", "Overcross"
NOTHING = "Cross two fields, and see which combinations people take unlike everybody else."


def crosses_room(state: State, limits: Limits) -> None:
    """Build crosses and see what they remember."""
    choices = room_choices.chosen(state, CONTROL, CrossesChoices)
    data = datasets.dataset(state)
    entries = kept(state)
    key = data.fingerprint
    log = counts.log_codes_of(key, data)
    first = st.container()
    left, right = st.columns([3, 2], gap="medium")
    with right:
        cross = _build(log, entries, choices, limits)
        with st.container(border=True):
            entry_list(entries, lambda text: choices.update(draft=text))
            _together(key, active(entries), log, limits)
    described = _described(key, cross, log, limits)
    rows = [] if described is None else details.rows_of(key, described, log, choices)
    with first:
        finding(NOTHING if described is None else plain(sentences.finding(described, rows)))
        if not session.hidden("trial"):
            trial_section(state, data, choices.now)
    if cross is not None and described is not None:
        with left:
            details.picture(rows, log, choices)
        details.size(cross, described, MIN_SUPPORT)
    _parts(state, data, entries, log, described, rows, choices, limits)


def _parts(
    state: State,
    data: Dataset,
    entries: Entries,
    log: LogCodes,
    described: CrossStatistics | None,
    rows: list[Row],
    choices: RoomChoices[CrossesChoices],
    limits: Limits,
) -> None:
    """What is below the builder, one part at a time."""
    offered = [STRONGEST, HASHING]
    offered += [] if session.hidden("suggestions") else [SUGGESTIONS]
    offered += [] if session.hidden("learned_crosses") else [LEARNED]
    offered += [] if session.hidden("overcross") else [OVERCROSS]
    name, place = room_choices.open_tab(choices, offered)
    with place:
        if name == SUGGESTIONS:
            add = partial(_add, log=log, limits=limits)
            there = partial(is_there, entries, schema=data.schema, limits=limits)
            suggestions(data.fingerprint, log, choices, add, there)
        elif name == LEARNED:
            learned_section(state, entries, choices, limits)
        elif name == OVERCROSS:
            overcross_section(finest_item_field(data.schema, log.encoder), state, choices)
        elif described is None:
            st.caption("Compose a cross above, and its combinations are counted here.")
        elif name == HASHING:
            details.hashing(described, choices)
        else:
            details.strongest(described, rows)


def _add(text: str, log: LogCodes, limits: Limits) -> None:
    change(lambda now: added(now, text, log.encoder.schema, limits=limits))


def _add_built(log: LogCodes, limits: Limits) -> None:
    if (cross := built(log.encoder.schema, limits)) is not None:
        _add(str(cross), log, limits)


def _build(
    log: LogCodes,
    entries: Entries,
    choices: RoomChoices[CrossesChoices],
    limits: Limits,
) -> Cross | None:
    draft = choices.now.draft
    if draft is None:
        draft = entries[0].text if entries else ""
    cross = builder(log, draft, lambda text: choices.update(draft=text), limits)
    if cross is not None:
        there = is_there(entries, cross, log.encoder.schema, limits)
        with st.container(horizontal=True, vertical_alignment="center"):
            button(
                "This cross is in your list" if there else "Add this cross",
                "crosses.add",
                _add_built,
                log,
                limits,
                type="primary",
                icon=":material/check:" if there else ":material/add:",
                disabled=there,
            )
            if not session.hidden("trial"):
                train_with_it(log.encoder.schema, limits)
        show_refusal("crosses.add")
    return cross


def _described(
    key: str, cross: Cross | None, log: LogCodes, limits: Limits
) -> CrossStatistics | None:
    """What the cross can remember; None where there is none, or it is refused."""
    if cross is None:
        return None
    try:
        return counts.cross_statistics(key, cross, MIN_SUPPORT, log, limits)
    except InputError as error:
        show_error(error)
        return None


def _together(key: str, texts: Sequence[str], log: LogCodes, limits: Limits) -> None:
    """What the crosses that are on can speak about together."""
    known = []
    for text in texts:
        try:
            cross = parse_cross(text, log.encoder.schema, limits)
            known.append(counts.cross_statistics(key, cross, MIN_SUPPORT, log, limits))
        except InputError as error:
            show_error(error)
    if known:
        share = counts.covered_share_of((key, tuple(texts)), known, log, MIN_SUPPORT)
        weights = sum(described.size.parameters for described in known)
        st.caption(f"Switched on: {weights:,} weights, which cover {share:.1%} of test rows.")
