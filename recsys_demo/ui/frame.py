"""The frame around every page: menu, undo, link, lesson, and errors a person can act on."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from recsys_demo.ui import chosen_files, entrance, jobs, models, session, visitors
from recsys_demo.ui.classroom import membership
from recsys_demo.ui.classroom.line import class_line
from recsys_demo.ui.classroom.seat import seat
from recsys_demo.ui.hideable import HIDEABLE
from recsys_demo.ui.images import svg_image
from recsys_demo.ui.lessons.room_help import heading
from recsys_demo.ui.live.panel import live_panel
from recsys_demo.ui.markdown import harmless
from recsys_demo.ui.messages import (
    dialog,
    fragment,
    guarded,
    page_refusals,
    show_refusals,
    shows_error,
)
from recsys_demo.ui.rooms import NAME, PAGES, page_of
from recsys_demo.ui.state import State, encode
from recsys_demo.ui.streamlit_internals import forget_gone_widgets
from recsys_demo.ui.style import style
from recsys_demo.ui.widgets import bound, button

# An icon by name would be fetched from the network.
ICON = (Path(__file__).parents[1] / "icon.svg").read_text(encoding="utf-8").strip()
SCRIPT = (Path(__file__).parent / "browser.js").read_text(encoding="utf-8")
_CLOSED = "lab.share.closed"  # how often *Share this state* was closed by the server


@contextmanager
def frame(key: str) -> Iterator[State]:
    """Everything around a page's content; gives the state. Call it first on every page, and import
    the room inside: that takes a second or two once, with the heading there to be read.

    An error meant for people is shown in place of the rest of the page.
    """
    page = page_of(key)
    assert page is not None, key
    st.set_page_config(page_title=f"{page.label} · {NAME}", page_icon=ICON, layout="wide")
    if entrance.is_missing():
        st.error(entrance.ADVICE)
        st.stop()
    _once()
    visitors.visitor()
    forget_gone_widgets(key)
    session.follow_address()
    membership.arrive()
    if seat() is not None:
        from recsys_demo.ui.classroom.call import follow_call

        follow_call(key)
    state = session.current()
    # Nobody in the back row needs the menu; it is one click away.
    st.set_page_config(initial_sidebar_state="collapsed" if state.projector else "auto")
    asked_for = chosen_files.unchosen_files(state.data)
    st.html(f"<style>{style(state.projector)}</style>")
    heading(page, state)
    try:
        with page_refusals(key):
            with st.sidebar:
                _menu()
                class_line(key)
                if not asked_for:
                    live_panel()
                _history()
                _share(state)
                if not asked_for:
                    _workers()
                st.html(f"<script>{SCRIPT}</script>", unsafe_allow_javascript=True)
            _below_heading(state)
            if asked_for:
                chosen_files.ask(state, asked_for)
                st.stop()
            if not _led(state, key):
                show_refusals()
                st.stop()
            with shows_error():
                yield state
    finally:
        session.write_link()
        _freeze_imports()


def _below_heading(state: State) -> None:
    """What was wrong with the link, and the lesson."""
    if message := session.take_message():
        st.warning(message, icon=":material/link_off:")
    if state.lesson:
        with st.container(border=True):
            st.markdown(harmless(state.lesson))


def _led(state: State, key: str) -> bool:
    """The lesson, if one leads; whether it lets the room be seen."""
    if not state.led and not session.hidden("results"):
        return True
    from recsys_demo.ui.lessons.guide import guide

    return guide(state, key)


@st.cache_resource(show_spinner=False)
def _once() -> None:
    """What is needed once per server."""
    jobs.lab_jobs()


class _Frozen:
    """How many modules were there when garbage was last put aside."""

    modules = 0


def _freeze_imports() -> None:
    """Streamlit collects garbage after every run: what is imported need not be looked at again.
    Some rooms import more than others, so this looks whether there is something new."""
    if len(sys.modules) > _Frozen.modules + FREEZE_MODULES:
        _Frozen.modules = len(sys.modules)
        gc.collect()
        gc.freeze()


FREEZE_MODULES = 40


def _menu() -> None:
    st.html(f'<div class="identity">{svg_image(ICON, "")}<strong>{NAME}</strong></div>')
    with st.container(gap=None):
        for page in PAGES:
            session.room_link(page.key)


def _history() -> None:
    if session.hidden("history"):
        return
    with st.container(horizontal=True, gap="small"):
        button(
            "Undo",
            "frame.undo",
            session.undo,
            icon=":material/undo:",
            type="tertiary",
            disabled=not session.can_undo(),
            shortcut="Ctrl+Z",
        )
        button(
            "Redo",
            "frame.redo",
            session.redo,
            icon=":material/redo:",
            type="tertiary",
            disabled=not session.can_redo(),
            shortcut="Ctrl+Shift+Z",
        )
        button(
            "Reset",
            "frame.reset",
            session.reset,
            icon=":material/restart_alt:",
            type="tertiary",
            help="Back to the defaults, with the same seed",
        )


def _share(state: State) -> None:
    if session.hidden("share"):
        return
    with st.popover(
        "Share this state",
        key=f"frame.share.{st.session_state.get(_CLOSED, 0)}",
        icon=":material/link:",
        width="stretch",
        on_change="rerun",  # else the server could not close it
    ):
        st.caption("Whoever opens this link sees this page with these choices and numbers.")
        st.code(link(state), language=None, wrap_lines=True)
        if st.button(
            "Make a lesson of it",
            key="frame.lesson",
            icon=":material/school:",
            on_click=guarded(_close_share),
        ):
            _lesson_dialog()
    st.toggle(
        "Projector",
        help="Larger text for the back row, and the menu folded away",
        **bound("frame.projector", state.projector, lambda on: session.change(projector=bool(on))),
    )


def _close_share() -> None:
    """The popover would lie on the dialog, on a phone on the whole of it. One of another name takes
    its place, which is closed whatever the browser has not sent or seen yet."""
    st.session_state[_CLOSED] = st.session_state.get(_CLOSED, 0) + 1


def link(state: State) -> str:
    """The address that opens this page in this state."""
    address = entrance.shared_address(st.context.url or "http://127.0.0.1:8501/")
    chosen = urlencode(encode(state))
    return f"{address}?{chosen}" if chosen else address


def _draft() -> tuple[str, tuple[str, ...]]:
    """What was last written for a lesson in this tab, else what the state has."""
    state = session.current()
    # A stranger's link may name what there is not: that hides nothing and goes.
    hidden = tuple(name for name in state.hide if name in HIDEABLE)
    return session.lesson_draft() or (state.lesson, hidden)


@dialog("A lesson from this state")
def _lesson_dialog() -> None:
    st.caption("Write what to try, hide what would distract, and give the link to the class.")
    state = session.current()
    said, hidden = _draft()
    text = st.text_area(
        "What to try (Markdown)",
        max_chars=4_000,
        height=140,
        **bound("frame.lesson.text", said, lambda text: session.draft_lesson(text, _draft()[1])),
    )
    hide = st.multiselect(
        "Controls to hide",
        list(HIDEABLE),
        format_func=_control_name,
        **bound("frame.lesson.hide", list(hidden), lambda h: session.draft_lesson(_draft()[0], h)),
    )
    changed = state.model_copy(update={"lesson": text, "hide": tuple(hide)})
    with st.container(key="lesson_link"):
        st.code(link(changed), language=None, wrap_lines=True)
    st.caption("The link is updated when you leave the text field.")


def _control_name(name: str) -> str:
    return f"{HIDEABLE[name].room}: {HIDEABLE[name].description}"


def _workers() -> None:
    # Every open tab looks: seldom, unless something is going on.
    running, _, waiting = jobs.lab_jobs().workers.load
    begun = models.job_ids_of(session.current())
    seconds = jobs.pace(3 if running or waiting else 10)
    fragment(partial(_workers_line, begun), "frame.workers", seconds)()


def _workers_line(begun: frozenset[str]) -> None:
    """What the workers do. `job_ids_of` are the trainings that the page knows of."""
    state = session.current()
    # Live begins what this tab itself asks for: its map follows without drawing the page again.
    if not state.live and not models.job_ids_of(state) <= begun:
        st.rerun()  # another tab with this state has begun to train: this one follows
    if session.hidden("workers"):
        return
    running, workers, waiting = jobs.lab_jobs().workers.load
    all_of_them = f"{workers} workers" if workers > 1 else "1 worker"
    line = f"{running} of {all_of_them} busy" if running else f"{all_of_them} free"
    st.caption(line + (f", {waiting} waiting" if waiting else ""))
