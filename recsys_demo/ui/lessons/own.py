"""A lesson that a teacher has written: given as a file, checked, and begun."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recsys_demo.errors import InputError
from recsys_demo.lessons.files import LESSONS, of_content
from recsys_demo.lessons.library import FILE, as_file, given_key
from recsys_demo.lessons.messages import Language, Messages
from recsys_demo.limits import Limits
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error, show_refusal
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

KEY = "lessons.own"
HERE = "lessons"


def own_section(state: State, texts: Messages) -> None:
    """A file to write from, a place to give one, and what is wrong with it."""
    with st.expander(texts.text("own.title"), icon=":material/edit_note:", key=f"{KEY}.section"):
        st.markdown(plain(texts.text("own.intro")))
        with st.container(horizontal=True):
            for key in LESSONS:
                st.download_button(
                    texts.text("own.example", lesson=key.upper()),
                    partial(as_file, key, state.language),
                    f"lesson_{key}.toml",
                    "application/toml",
                    key=f"{KEY}.example.{key}",
                    icon=":material/download:",
                    on_click="ignore",
                )
        given = st.file_uploader(
            texts.text("own.upload"), type="toml", key=f"{KEY}.file", max_upload_size=1
        )
        if given is not None:
            _checked(given.getvalue(), given.name, state.language, texts)


def _checked(content: bytes, name: str, language: Language, texts: Messages) -> None:
    """What is wrong with the file, or the way into its lesson."""
    try:
        file = of_content(content, name)
    except InputError as error:
        show_error(error)
        return
    lesson = file.lesson
    told = texts.text(
        "own.checked",
        title=file.texts(language).text(f"{lesson.key}.title"),
        steps=len(lesson.steps),
        questions=len(lesson.questions),
    )
    st.markdown(plain(told))
    button(
        texts.text("page.start"),
        f"{KEY}.begin",
        _begin,
        content,
        type="primary",
        icon=":material/school:",
    )
    show_refusal(f"{KEY}.begin")


def _begin(content: bytes) -> None:
    """Keep the file on this server, and open its first step."""
    from recsys_demo.ui.data.uploads import keep

    upload = keep(content, FILE, Limits.from_environment())
    moves.begin(given_key(upload), HERE)
