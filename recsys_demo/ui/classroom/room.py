"""The Class page: the way in, the teacher's side, a student's side."""

from __future__ import annotations

import streamlit as st

from recsys_demo.lessons.classroom.settings import ClassSettings
from recsys_demo.lessons.messages import messages
from recsys_demo.ui.classroom import membership
from recsys_demo.ui.classroom.seat import seat
from recsys_demo.ui.classroom.student import student_side
from recsys_demo.ui.classroom.teacher import teacher_side
from recsys_demo.ui.lessons.languages import language_choice
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_refusal, shows_error
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

CODE, JOIN, OPEN = "classroom.code", "classroom.join", "classroom.open"


def classroom_room(state: State) -> None:
    """What the class shows to whoever this browser is in it."""
    with shows_error():
        _enter_by_link()
    found = seat()
    if found is None:
        _way_in(state)
    elif found.teacher is not None:
        teacher_side(state, found, found.teacher)
    else:
        assert found.student is not None  # whoever does not lead sits
        student_side(state, found, found.student)


def _enter_by_link() -> None:
    """Links of a QR code and of teachers lead into a class; their words leave the address bar."""
    for name, enter in ((membership.JOIN, membership.join), (membership.LEAD, membership.lead)):
        given = st.query_params.get(name)
        if given:
            del st.query_params[name]
            enter(given)
            st.rerun()


def _way_in(state: State) -> None:
    texts = messages(state.language)
    days = ClassSettings.from_environment().class_days
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(texts.text('class.way.join'))}**")
        st.markdown(plain(texts.text("class.way.join_text")))
        label = texts.text("class.way.code")
        given = st.text_input(label, key=CODE, max_chars=60, placeholder="lake-tulip-drum")
        enter, icon = texts.text("class.way.enter"), ":material/login:"
        button(enter, JOIN, membership.join, given, type="primary", icon=icon)
        show_refusal(JOIN)
    with right, st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(texts.text('class.way.open'))}**")
        st.markdown(plain(texts.text("class.way.open_text", days=days)))
        button(texts.text("class.way.open"), OPEN, membership.open_class, icon=":material/add:")
        show_refusal(OPEN)
    language_choice(state, texts)
