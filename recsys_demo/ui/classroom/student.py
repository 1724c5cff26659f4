"""A student's side of a class."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recsys_demo.lessons.classroom import students
from recsys_demo.lessons.classroom.polls import Place
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.classroom.sheets import own_sheet
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.classroom.tables import step_at, texts_at
from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.lessons.library import lesson_of
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.ui.classroom import membership
from recsys_demo.ui.classroom.challenge import challenge_part
from recsys_demo.ui.classroom.crowd import class_bars
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.lessons.languages import language_choice
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_refusal
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound, button

HERE = "classroom"


def student_side(state: State, found: Seat, student: Student) -> None:
    """Who one is, what is asked now, what was shown last."""
    texts = messages(state.language)
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    names = {"alias": f"**{plain(student.alias)}**", "code": f"**{plain(found.view.code)}**"}
    left.markdown(texts.text("class.student.you", **names))
    with right:
        _names(student, texts)
    _asked(found, texts)
    shown = [place for place, poll in found.polls.items() if poll.phase in ("revealed", "marked")]
    if shown and (last := step_at(shown[-1])) is not None:
        class_bars(shown[-1], last[1], texts_at(shown[-1], texts), "class_bars")
    challenge_part(state, found, student)
    with st.container(horizontal=True):
        if found.votes:
            st.download_button(
                texts.text("class.student.answers"),
                lambda: own_sheet(class_store(), student, texts),
                "my-answers.html",
                "text/html",
                icon=":material/download:",
                on_click="ignore",
            )
        leave = texts.text("class.student.leave")
        button(leave, "classroom.leave", membership.leave, icon=":material/logout:")
    language_choice(state, texts)


def _names(student: Student, texts: Messages) -> None:
    """Another name, from a list."""
    key = "class.names"
    if student.alias not in (offered := st.session_state.get(key, ())):
        offered = [student.alias, *students.offered_aliases(class_store(), student)]
        st.session_state[key] = offered

    def take(alias: str) -> None:
        students.rename(class_store(), student, alias)
        st.session_state.pop(key, None)

    label = texts.text("class.student.name")
    st.selectbox(label, offered, **bound("classroom.alias", student.alias, take))
    show_refusal("classroom.alias")


def _asked(found: Seat, texts: Messages) -> None:
    """The questions that wait for an answer, or the way into the lessons."""
    waiting: list[Place] = [
        place
        for place, poll in found.polls.items()
        if poll.phase == "open" and found.vote_now(place) is None and step_at(place) is not None
    ]
    for place in waiting:
        _way_to(place, texts, "primary")
    if not waiting:
        nothing = plain(texts.text("class.student.nothing"))
        st.info(nothing, icon=":material/hourglass_empty:")
        if found.view.ahead:
            for key in LESSONS:
                lesson = built_in(key).lesson
                _way_to((key, lesson.steps[0].key), texts, "secondary")


def _way_to(place: Place, texts: Messages, look: str) -> None:
    file = lesson_of(place[0])
    assert file is not None  # only steps of lessons that are there
    button(
        texts_at(place, texts).text(f"{place[0]}.{place[1]}.title"),
        f"classroom.to.{place[0]}.{place[1]}",
        partial(moves.go, file, file.lesson.step(place[1]), HERE),
        type=look,
        icon=":material/school:",
    )
