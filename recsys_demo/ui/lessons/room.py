"""The Lessons page: what there is, how far one is, and the way in."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.lessons.format import Lesson
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.lessons.languages import language_choice
from recsys_demo.ui.lessons.own import own_section
from recsys_demo.ui.lessons.quiz import quiz_section
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

HERE = "lessons"


def lessons_room(state: State) -> None:
    """A box for each lesson, and the quiz."""
    texts = messages(state.language)
    left, right = st.columns([4, 1], vertical_alignment="top")
    left.markdown(plain(texts.text("page.intro")))
    with right:
        language_choice(state, texts)
    for first in range(0, len(LESSONS), 2):
        for column, key in zip(st.columns(2), LESSONS[first : first + 2], strict=False):
            with column, st.container(border=True, height="stretch"):
                _lesson(state, built_in(key).lesson, texts)
    own_section(state, texts)
    quiz_section(state, texts)


def _lesson(state: State, lesson: Lesson, texts: Messages) -> None:
    key, steps = lesson.key, len(lesson.steps)
    done = sum(moves.tick_name(key, step) in moves.ticks(state) for step in lesson.steps)
    st.markdown(f"**{key.upper()}. {plain(texts.text(f'{key}.title'))}**")
    st.markdown(plain(texts.text(f"{key}.summary")))
    length = texts.text("page.minutes", minutes=lesson.minutes, steps=steps)
    st.caption(f"{length} · {texts.text('page.progress', done=done, steps=steps)}")
    if done:
        st.progress(done / steps)
    label = "page.start" if not done else "page.again" if done == steps else "page.go_on"
    button(
        texts.text(label),
        f"lessons.begin.{key}",
        partial(moves.begin, key, HERE),
        type="primary" if not done else "secondary",
        icon=":material/school:",
    )
