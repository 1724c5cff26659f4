"""The one sentence below a room's heading that says what is so."""

from __future__ import annotations

import streamlit as st

from recsys_demo.data.specs import DataSpec
from recsys_demo.ui import session
from recsys_demo.ui.glossary.hints import hint
from recsys_demo.ui.withheld import withheld_names


def finding(text: str, of: str = "") -> None:
    """Show the sentence; it may hold Markdown, so names of others are to be made `plain`. `of` is
    what it is about where a room has more than one."""
    with st.container(key=f"finding.{of}" if of else "finding"):
        st.markdown(text, help=hint(text))


class FindingPlace:
    """Where the finding of a room stands that is known further down, or is said anew by a part of
    the page that is drawn again. Until then it says what it said last of the same log, unless a
    lesson has come to withhold it: were it empty meanwhile, all below it would jump up and down
    again."""

    def __init__(self, room: str) -> None:
        self._key = f"finding.{room}"
        before, of = st.session_state.get(self._key, ("", None))
        before = before if of == _situation() else ""
        with st.container(key="finding"):
            self._text = st.markdown(before, help=hint(before))

    def say(self, text: str) -> None:
        """Show the sentence, as `finding` does."""
        st.session_state[self._key] = (text, _situation())
        self._text.markdown(text, help=hint(text))

    def clear(self) -> None:
        """There is nothing to say."""
        st.session_state.pop(self._key, None)
        self._text.empty()


def _situation() -> tuple[DataSpec, frozenset[str]]:
    """What a finding is about, and what of it nobody may see."""
    state = session.current()
    return state.data, withheld_names(state)
