"""The list of crosses a person keeps: name, switch, order, delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from recsys_demo.studies.crosses.entries import Entries, active, moved, removed, renamed, switched
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import guarded
from recsys_demo.ui.widgets import button

Save = Callable[[Entries], None]


def entry_list(entries: Entries, save: Save, look: Callable[[str], None]) -> None:
    """Draw the list; every change is saved as a whole new list. `look` puts one before the
    person."""
    st.markdown(f"**Your crosses** · {len(active(entries))} of {len(entries)} on")
    if not entries:
        st.caption("None yet. Build one, or take a suggestion below.")
    for index, entry in enumerate(entries):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.toggle(
                plain(entry.label),
                value=entry.on,
                key=f"crosses.on.{index}.{entry.text}.{entry.on}",
                help="Off: kept here, but no model sees it.",
                on_change=guarded(partial(_switch, entries, index, save)),
            )
            st.space("stretch")
            with st.popover("", icon=":material/more_vert:", help="Name, order, delete"):
                _actions(entries, index, save, look)


def _switch(entries: Entries, index: int, save: Save) -> None:
    save(switched(entries, index, not entries[index].on))


def _rename(entries: Entries, index: int, save: Save, key: str) -> None:
    save(renamed(entries, index, st.session_state[key]))


def _actions(entries: Entries, index: int, save: Save, look: Callable[[str], None]) -> None:
    entry = entries[index]
    st.code(entry.text, language=None, wrap_lines=True)
    key = f"crosses.name.{index}.{entry.text}"
    st.text_input(
        "Name",
        value=entry.name,
        max_chars=60,
        key=key,
        placeholder="what you call it",
        on_change=guarded(partial(_rename, entries, index, save, key)),
    )
    actions = {
        "Show its details": (":material/search:", lambda: look(entry.text), False),
        "Move up": (":material/arrow_upward:", lambda: save(moved(entries, index, -1)), index == 0),
        "Move down": (
            ":material/arrow_downward:",
            lambda: save(moved(entries, index, 1)),
            index == len(entries) - 1,
        ),
        "Delete": (":material/delete:", lambda: save(removed(entries, index)), False),
    }
    for label, (icon, act, off) in actions.items():
        button(label, f"crosses.{label}.{index}", act, icon=icon, disabled=off, width="stretch")
