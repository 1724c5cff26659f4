"""The teacher's side of a class."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.results import students_here
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.ui import room_choices
from recsys_demo.ui.classroom import membership
from recsys_demo.ui.classroom.challenge import challenge_tab
from recsys_demo.ui.classroom.choices import ROOM, ClassChoices
from recsys_demo.ui.classroom.home import home_tab
from recsys_demo.ui.classroom.invitation import invitation, lead_link
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.classroom.questions import questions_tab
from recsys_demo.ui.classroom.readiness import readiness_tab
from recsys_demo.ui.classroom.works import works_tab
from recsys_demo.ui.messages import fragment
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

COUNT_SECONDS = 2.0


def teacher_side(state: State, found: Seat, teacher: Teacher) -> None:
    """The invitation, and what a teacher does, a tab each."""
    choices = room_choices.chosen(state, ROOM, ClassChoices)
    # Once questions are asked they come first; latecomers are shown the way in by a click.
    begins = not found.polls and choices.now.tab in ("", "Questions")
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left, st.expander(f"The way in: {found.view.code}", expanded=begins):
        invitation(found.view.code)
    with right:
        fragment(partial(_here, teacher), "class.here", COUNT_SECONDS)()
    tabs: Mapping[str, Callable[[State, Seat, Teacher, RoomChoices[ClassChoices]], None]] = {
        "Questions": questions_tab,
        "Challenge": challenge_tab,
        "Handed in": works_tab,
        "Take home": home_tab,
        "On the day": readiness_tab,
        "This class": _class_tab,
    }
    name, place = room_choices.open_tab(choices, list(tabs))
    with place:
        tabs[name](state, found, teacher, choices)


def _here(teacher: Teacher) -> None:
    here = students_here(class_store(), teacher)
    st.markdown(f"**{here}** student{'s are' if here != 1 else ' is'} here")


def _class_tab(
    _state: State, found: Seat, _teacher: Teacher, _choices: RoomChoices[ClassChoices]
) -> None:
    """The teacher's own link, and the end of the class."""
    ends = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.view.ends))
    st.markdown(f"This class deletes itself, whole, on **{ends}** (time of the server).")
    with st.expander("Teacher's link: not for the projector", icon=":material/key:"):
        secret = membership.secret()
        if secret:
            st.caption("Whoever has this link leads the class. Keep it for another device.")
            st.code(lead_link(secret), language=None, wrap_lines=True)
        button(
            "Make a new link",
            "classroom.renew",
            membership.renew_secret,
            icon=":material/autorenew:",
            help="The link before opens nothing any more",
        )
    with st.container(horizontal=True):
        button(
            "Stop leading here",
            "classroom.stop",
            membership.leave,
            icon=":material/logout:",
            help="This browser is no teacher's any more; the teacher's link still is",
        )
        with st.popover("Delete this class", icon=":material/delete:"):
            st.markdown("All answers, names and states of this class are gone at once, for good.")
            button("Delete it now", "classroom.delete", membership.delete_class, type="primary")
