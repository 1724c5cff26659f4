"""Files of this machine are read only where the person chose them in this browser: a link that
names one may come from anybody, and a page of the web can open it."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import streamlit as st

from recsys_demo.data.allowed_folders import is_confined, is_provided
from recsys_demo.data.source import Source
from recsys_demo.data.specs import SampleSpec
from recsys_demo.ui import session, visitors
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

CHOSEN = "lab.chosen_files"
KEPT_BROWSERS = 200
_of_browser: OrderedDict[str, frozenset[str]] = OrderedDict()
_lock = Lock()


def choose(spec: Source) -> None:
    """The person has chosen the files of this source: all tabs of the browser may read them."""
    visitor = visitors.visitor()
    chosen = _chosen() | frozenset(spec.paths().values())
    st.session_state[CHOSEN] = chosen
    with _lock:
        _of_browser[visitor] = _of_browser.get(visitor, frozenset()) | chosen
        _of_browser.move_to_end(visitor)
        while len(_of_browser) > KEPT_BROWSERS:
            _of_browser.popitem(last=False)


def unchosen_files(spec: Source) -> list[str]:
    """Files of this machine that the source names and nobody has chosen in this browser. Where
    others are let in there are none: they read from allowed folders only."""
    if is_confined():
        return []
    texts = dict.fromkeys(text for text in spec.paths().values() if not is_provided(text))
    return [text for text in texts if text not in _chosen()] if texts else []


def ask(state: State, files: list[str]) -> None:
    """Ask whether these files may be read, in place of the page."""
    several = "files" if len(files) > 1 else "a file"
    st.warning(
        f"This link reads {several} of this machine: {plain(', '.join(files))}. "
        "Read it only if you know what it is.",
        icon=":material/folder_open:",
    )
    with st.container(horizontal=True):
        button("Read it", "chosen.read", choose, state.data, type="primary")
        button("Use the sample set", "chosen.sample", _use_sample)


def _use_sample() -> None:
    session.change(data=SampleSpec(), split=None)


def _chosen() -> frozenset[str]:
    own = st.session_state.get(CHOSEN, frozenset())
    with _lock:
        return frozenset(own) | _of_browser.get(visitors.visitor(), frozenset())
