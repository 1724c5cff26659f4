"""The class in the sidebar of every room: who one is in it, and a look whether the teacher has done
something."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

import streamlit as st

from recsys_demo.lessons.classroom.seats import turn_of
from recsys_demo.lessons.classroom.states import HandedIn, hand_in
from recsys_demo.lessons.messages import messages
from recsys_demo.ui import session
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.classroom.seat import seat
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import fragment, show_refusal
from recsys_demo.ui.state import State, encode
from recsys_demo.ui.widgets import button

LOOK_SECONDS = 2.0
HAND_IN, _GIVEN = "class.hand_in", "class.handed_in"


def class_line(here: str) -> None:
    """Nothing for whoever is in no class."""
    if seat() is not None:
        fragment(partial(_line, here), "class.line", LOOK_SECONDS)()


def _line(here: str) -> None:
    found = seat()
    if found is None:
        return
    if turn_of(class_store(), found.who.class_id) != found.view.turn:
        st.rerun()
    texts = messages(session.current().language)
    if found.student is None:
        st.caption(plain(texts.text("class.lead", code=found.view.code)))
        return
    st.caption(plain(texts.text("class.seat", code=found.view.code, alias=found.student.alias)))
    for name, is_so in (("paused", found.view.paused), ("held", bool(found.view.held))):
        if is_so:
            st.caption(f":material/front_hand: {plain(texts.text(f'class.{name}'))}")
    if here != "classroom":
        button(
            texts.text("class.student.hand_in"),
            HAND_IN,
            hand_in_page,
            here,
            type="tertiary",
            icon=":material/outbox:",
            help=texts.text("class.student.hand_in_help"),
        )
        show_refusal(HAND_IN)
        if st.session_state.get(_GIVEN) == _work(here):
            st.caption(f":material/check: {plain(texts.text('class.student.handed_in'))}")


def hand_in_page(here: str) -> None:
    """Give the page as it is to the teacher. Raises InputError."""
    found = seat()
    if found is None or found.student is None:
        return
    hand_in(class_store(), found.student, _work(here))
    st.session_state[_GIVEN] = _work(here)  # a toast of a fragment would displace the style sheet


def _work(here: str) -> HandedIn:
    """The page as it would be handed in now."""
    return HandedIn(here, urlencode(encode(choices_alone(session.current()))))


def choices_alone(state: State) -> State:
    """No answers, no place in a lesson, and no text of one's own for the projector."""
    kept = {"led": "", "predictions": (), "ticks": (), "lesson": "", "hide": ()}
    return state.model_copy(update=kept)
