"""The challenge on the Class page: the teacher chooses it, students enter what they have trained,
everybody sees the map."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from recsys_demo.charts.challenge import challenge_map, describe_challenge
from recsys_demo.charts.theme import label
from recsys_demo.lessons.classroom import pace
from recsys_demo.lessons.classroom.challenges import (
    CHALLENGES,
    KINDS,
    MOST_CROSSES,
    TENFOLD,
    enter,
    entry_of,
    standings,
)
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.guesses import GUESS
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.ui import models, words
from recsys_demo.ui.classroom.guesses import guesses_part
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


def challenge_tab(state: State, found: Seat, teacher: Teacher, _choices: Any) -> None:
    """Which challenge is on, and the map of the class."""
    texts = messages(state.language)
    st.selectbox(
        "Challenge",
        [NONE, *KINDS],
        format_func=lambda key: _title(key, texts) if key else "No challenge",
        label_visibility="collapsed",
        **bound(
            "classroom.challenge",
            found.view.challenge,
            partial(pace.choose_challenge, class_store(), teacher),
        ),
    )
    if found.view.challenge in KINDS:
        st.caption(plain(_rule(found.view.challenge, texts)))
        _standings_of(found, texts)


def challenge_part(state: State, found: Seat, student: Student) -> None:
    """A student's entry, among those of the class; nothing while no challenge is on."""
    key, texts = found.view.challenge, messages(state.language)
    if key not in KINDS:
        return
    st.markdown(f"**{plain(_title(key, texts))}**")
    st.caption(plain(_rule(key, texts)))
    if key in CHALLENGES:
        _entries(state, found, student, texts)
    _standings_of(found, texts)


def _title(key: str, texts: Messages) -> str:
    return texts.text(f"class.challenge.{key}")


def _rule(key: str, texts: Messages) -> str:
    return texts.text(f"class.challenge.{key}_rule", most=MOST_CROSSES, price=f"{TENFOLD:g}")


def _entries(state: State, found: Seat, student: Student, texts: Messages) -> None:
    """A button for each model that is trained."""
    st.caption(plain(texts.text("class.challenge.scored")))
    done = {training.model: training for training in models.trainings(state) if training.is_done}
    if not done:
        st.caption(plain(texts.text("class.challenge.train_first")))
    with st.container(horizontal=True):
        for name, training in done.items():
            text = texts.text("class.challenge.enter", model=label(name))
            button(plain(text), f"{ENTER}.{name}", _enter, student, found, training)
    for name in done:
        show_refusal(f"{ENTER}.{name}")


def _enter(student: Student, found: Seat, training: Training) -> None:
    assert training.job is not None  # only finished ones are offered
    assert training.job.result is not None
    entry = entry_of(training.config, training.job.result)
    enter(class_store(), student, found.view.challenge, entry)


def _standings_of(found: Seat, texts: Messages) -> None:
    if found.view.challenge == GUESS:
        guesses_part(found, texts)
    else:
        fragment(partial(_standings, texts), "class.standings", LOOK_SECONDS)()


def _standings(texts: Messages) -> None:
    found = seat()
    placed = standings(class_store(), found.who, found.view.challenge) if found is not None else []
    if not placed:
        st.caption(plain(texts.text("class.challenge.nobody")))
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
        own = f" ({texts.text('class.challenge.you')})" if one.is_own else ""
        st.markdown(f"{number}. **{plain(one.alias)}**{plain(own)}: {one.score:.3f}")
