"""The list of crosses a person keeps: name, switch, order, delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from recsys_demo.config.presets import default_crosses
from recsys_demo.studies.crosses.entries import (
    CrossEntry,
    Entries,
    active,
    entries_of,
    moved,
    removed,
    renamed,
    switched,
)
from recsys_demo.ui import datasets, session
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound, button


def kept(state: State) -> Entries:
    """The crosses of the state, or those that a log of its schema begins with."""
    if state.crosses is not None:
        return state.crosses
    return entries_of(default_crosses(datasets.schema_of(state)))


def change(edit: Callable[[Entries], Entries]) -> None:
    """Make something else of the list: call it in a widget's callback. Raises InputError."""
    session.change(crosses=edit(kept(session.current())))


def entry_list(entries: Entries, look: Callable[[str], None]) -> None:
    """Draw the list, where it can be changed. `look` puts one before the person."""
    st.markdown(f"**Your crosses** · {len(active(entries))} of {len(entries)} on")
    if not entries:
        st.caption("None yet. Build one, or take a suggestion below.")
    for index, entry in enumerate(entries):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.toggle(
                plain(entry.label),
                help="Off: kept here, but no model sees it.",
                **bound(
                    f"crosses.on.{index}.{entry.text}",
                    entry.on,
                    partial(_switch, entry),
                ),
            )
            st.space("stretch")
            with st.popover("", icon=":material/more_vert:", help="Name, order, delete"):
                _actions(entries, index, look)


def _switch(entry: CrossEntry, on: bool) -> None:
    _at(entry, partial(switched, on=on))


def _at(entry: CrossEntry, edit: Callable[[Entries, int], Entries]) -> None:
    """Change the list where this cross now is; not at all where it is gone."""

    def found(now: Entries) -> Entries:
        places = [place for place, other in enumerate(now) if other.text == entry.text]
        return edit(now, places[0]) if places else now

    change(found)


def _actions(entries: Entries, index: int, look: Callable[[str], None]) -> None:
    entry = entries[index]
    st.code(entry.text, language=None, wrap_lines=True)
    st.text_input(
        "Name",
        max_chars=60,
        placeholder="what you call it",
        **bound(
            f"crosses.name.{index}.{entry.text}",
            entry.name,
            lambda name: _at(entry, partial(renamed, name=name)),
        ),
    )
    actions = {
        "Show its details": (":material/search:", partial(look, entry.text), False),
        "Move up": (
            ":material/arrow_upward:",
            partial(_at, entry, partial(moved, by=-1)),
            index == 0,
        ),
        "Move down": (
            ":material/arrow_downward:",
            partial(_at, entry, partial(moved, by=1)),
            index == len(entries) - 1,
        ),
        "Delete": (":material/delete:", partial(_at, entry, removed), False),
    }
    for label, (icon, act, off) in actions.items():
        button(label, f"crosses.{label}.{index}", act, icon=icon, disabled=off, width="stretch")
