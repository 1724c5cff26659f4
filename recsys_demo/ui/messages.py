"""Errors meant for people, wherever a page meets them: while it is drawn, in a fragment, in a
dialog, in a widget's callback. None of them becomes a traceback, and what stood there stays.

What a callback refuses is shown by its control (`show_refusal`), else at the top of the page, the
fragment or the dialog. It stays until the person's next action, or until another page is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Literal, ParamSpec

import streamlit as st

from recsys_demo.errors import LabError
from recsys_demo.ui.markdown import plain

P = ParamSpec("P")
_REFUSALS, _PAGE = "lab.refusals", "lab.refusals.page"
# The page, fragment or dialog that is being drawn, the outermost one.
_drawn: ContextVar[str] = ContextVar("drawn", default="")


@dataclass
class Refusal:
    """An error of the callback of the control with this key; `shown_in` names the page, fragment or
    dialog that shows it, empty before one does."""

    error: LabError
    control: str
    shown_in: str = ""


def show_error(error: LabError) -> None:
    """What is wrong, where, and what to do, without a traceback."""
    st.error(plain(str(error)), icon=":material/error:")


def guarded(action: Callable[P, object], control: str = "") -> Callable[P, None]:
    """The action as the callback of the control with this key: an error is kept for the page."""

    @wraps(action)
    def callback(*args: P.args, **kwargs: P.kwargs) -> None:
        unread = [refusal for refusal in _refusals() if not refusal.shown_in]
        st.session_state[_REFUSALS] = unread
        try:
            action(*args, **kwargs)
        except LabError as error:
            unread.append(Refusal(error, control))

    return callback


def show_refusal(control: str) -> None:
    """What the control of this key refused, if it did."""
    for refusal in _refusals():
        if refusal.control == control:
            refusal.shown_in = _drawn.get()
            show_error(refusal.error)


@contextmanager
def shows_error() -> Iterator[None]:
    """An error meant for people takes the place of the rest of the content."""
    try:
        yield
    except LabError as error:
        show_error(error)


@contextmanager
def page_refusals(page: str) -> Iterator[None]:
    """A whole page. What was shown on another page is over."""
    here = st.session_state.get(_PAGE) == page
    st.session_state[_PAGE] = page
    kept = [refusal for refusal in _refusals() if here or not refusal.shown_in]
    for refusal in kept:
        refusal.shown_in = ""
    st.session_state[_REFUSALS] = kept
    with _refusals_shown(page):
        yield


@contextmanager
def _refusals_shown(name: str) -> Iterator[None]:
    """The content of the page, fragment or dialog of this name: what none of its controls shows is
    shown at its top. As a part of another it leaves that to the whole."""
    if _drawn.get():
        st.container()  # so that what follows stands where it does when drawn by itself
        yield
        return
    for refusal in _refusals():
        if refusal.shown_in == name:
            refusal.shown_in = ""
    token = _drawn.set(name)
    top = st.container()
    try:
        yield
        with top:
            _show_unread(name)
    finally:
        _drawn.reset(token)


def show_refusals() -> None:
    """What no control has shown: for a page that ends here, before its content."""
    _show_unread(_drawn.get())


def _show_unread(name: str) -> None:
    for refusal in _refusals():
        if not refusal.shown_in:
            refusal.shown_in = name
            show_error(refusal.error)


def _refusals() -> list[Refusal]:
    kept: list[Refusal] = st.session_state.setdefault(_REFUSALS, [])
    return kept


def fragment(
    draw: Callable[P, None], name: str, run_every: float | None = None
) -> Callable[P, None]:
    """A part of a page that is drawn again by itself: every so many seconds, or when one of its
    controls is used."""

    @wraps(draw)
    def guarded_draw(*args: P.args, **kwargs: P.kwargs) -> None:
        with _refusals_shown(name), shows_error():
            draw(*args, **kwargs)

    return st.fragment(guarded_draw, run_every=run_every, key=name)


def dialog(
    title: str, on_dismiss: Literal["ignore", "rerun"] = "ignore"
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """A wide dialog with this title."""

    def decorated(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def guarded_draw(*args: P.args, **kwargs: P.kwargs) -> None:
            with _refusals_shown(title), shows_error():
                draw(*args, **kwargs)

        return st.dialog(title, width="large", on_dismiss=on_dismiss)(guarded_draw)

    return decorated
