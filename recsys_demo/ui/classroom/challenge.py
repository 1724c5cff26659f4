"""The challenge on the Class page: the teacher chooses it, students enter what they have trained,
everybody sees the map."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from recsys_demo.charts.challenge import challenge_map, describe_challenge
from recsys_demo.charts.theme import label
from recsys_demo.lessons.classroom import pace
from recsys_demo.lessons.classroom.challenges import CHALLENGES, enter, entry_of, standings
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.ui import models, words
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.classroom.seat import seat
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import fragment, show_refusal
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import bound, button

LOOK_SECONDS = 3.0
NONE = ""
ENTER = "classroom.enter"


def challenge_tab(_state: State, found: Seat, teacher: Teacher, _choices: Any) -> None:
    """Which challenge is on, and the map of the class."""
    st.selectbox(
        "Challenge",
        [NONE, *CHALLENGES],
        format_func=lambda key: CHALLENGES[key].title if key else "None",
        **bound(
            "classroom.challenge",
            found.view.challenge,
            partial(pace.choose_challenge, class_store(), teacher),
        ),
    )
    _standings_of(found)


def challenge_part(state: State, found: Seat, student: Student) -> None:
    """A student's entry, among those of the class; nothing while no challenge is on."""
    challenge = CHALLENGES.get(found.view.challenge)
    if challenge is None:
        return
    st.markdown(f"**{challenge.title}**")
    st.caption(f"{challenge.rule} Scored from what you have trained on this server.")
    done = {training.model: training for training in models.trainings(state) if training.is_done}
    if not done:
        st.caption("Train a model first, in any room: then you can enter it here.")
    with st.container(horizontal=True):
        for name, training in done.items():
            key = f"{ENTER}.{name}"
            button(f"Enter {plain(label(name))}", key, _enter, student, found, training)
    for name in done:
        show_refusal(f"{ENTER}.{name}")
    _standings_of(found)


def _enter(student: Student, found: Seat, training: Training) -> None:
    assert training.job is not None  # only finished ones are offered
    assert training.job.result is not None
    entry = entry_of(training.config, training.job.result)
    enter(class_store(), student, found.view.challenge, entry)


def _standings_of(found: Seat) -> None:
    if found.view.challenge:
        fragment(_standings, "class.standings", LOOK_SECONDS)()


def _standings() -> None:
    found = seat()
    placed = standings(class_store(), found.who, found.view.challenge) if found is not None else []
    if not placed:
        st.caption("Nobody has entered yet.")
        return
    figure = challenge_map(placed, words.X_TITLE, words.memory_title(words.PLANTED[1]))
    st.plotly_chart(
        figure,
        key="class.challenge_map",
        config={"displayModeBar": False, "responsive": True},
        alt=describe_challenge(placed),
        theme=None,
    )
    for number, one in enumerate(placed[:3], start=1):
        own = " (you)" if one.is_own else ""
        st.markdown(f"{number}. **{plain(one.alias)}**{own}: {one.score:.3f}")
