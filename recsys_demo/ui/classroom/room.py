"""The Class page: the way in, the teacher's side, a student's side."""

from __future__ import annotations

import streamlit as st

from recsys_demo.lessons.classroom.settings import ClassSettings
from recsys_demo.ui.classroom import membership
from recsys_demo.ui.classroom.seat import seat
from recsys_demo.ui.classroom.student import student_side
from recsys_demo.ui.classroom.teacher import teacher_side
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
        _way_in()
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


def _way_in() -> None:
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True, height="stretch"):
        st.markdown("**Join a class**")
        st.markdown(
            "Your teacher shows three words. You get a name such as *Brave Otter*; nobody asks for "
            "yours."
        )
        given = st.text_input("Room code", key=CODE, max_chars=60, placeholder="lake-tulip-drum")
        button("Join", JOIN, membership.join, given, type="primary", icon=":material/login:")
        show_refusal(JOIN)
    with right, st.container(border=True, height="stretch"):
        days = ClassSettings.from_environment().class_days
        st.markdown("**Open a class**")
        st.markdown(
            "Everybody predicts before anything is shown; you open and close the questions of the "
            "lessons, and see how far a misconception has spread. No accounts, no names. "
            f"The class deletes itself after {days} days."
        )
        button("Open a class", OPEN, membership.open_class, icon=":material/add:")
        show_refusal(OPEN)
