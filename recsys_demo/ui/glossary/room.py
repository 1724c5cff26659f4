"""The Glossary page: every term, its formula, and the room where it is seen."""

from __future__ import annotations

import streamlit as st

from recsys_demo.lessons.glossary import Glossary, Term, glossary
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.ui import room_choices, session
from recsys_demo.ui.glossary.choices import CONTROL, GlossaryChoices
from recsys_demo.ui.lessons.languages import language_choice
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.rooms import PAGES, page_of
from recsys_demo.ui.state import State


def glossary_room(state: State) -> None:
    """All terms in two columns, or those that contain what is looked for."""
    texts = messages(state.language)
    left, right = st.columns([4, 1], vertical_alignment="top")
    left.markdown(plain(texts.text("glossary_page.intro")))
    with right:
        language_choice(state, texts)
    choices = room_choices.chosen(state, CONTROL, GlossaryChoices)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            texts.text("glossary_page.search"),
            max_chars=60,
            width=320,
            **choices.bound("word", save=lambda word: choices.update(word=word, is_step=False)),
        )
        _room_choice(choices, texts)
    found = _found(glossary(), choices.now, texts)
    if not found:
        st.info(texts.text("glossary_page.none"))
    middle = (len(found) + 1) // 2
    for column, terms in zip(
        st.columns(2, gap="large"), (found[:middle], found[middle:]), strict=True
    ):
        with column:
            for term in terms:
                _term(term, texts)


def _room_choice(choices: RoomChoices[GlossaryChoices], texts: Messages) -> None:
    """Terms of one room, or all."""
    rooms = [page for page in PAGES if glossary().of_room(page.key)]
    labels = {"": texts.text("glossary_page.all"), **{page.key: page.label for page in rooms}}
    now = choices.now.room if choices.now.room in labels else ""
    st.selectbox(
        texts.text("glossary_page.room"),
        list(labels),
        format_func=lambda room: labels[room],
        width=200,
        **choices.bound("room", now, lambda room: choices.update(room=room, is_step=False)),
    )


def _found(known: Glossary, wanted: GlossaryChoices, texts: Messages) -> list[Term]:
    """Terms of the room whose name, sentences or words contain the word, capitals or not."""
    part = wanted.word.strip().casefold()
    here = known.of_room(wanted.room) or known.terms
    there = {term.key for term in here}
    return [
        term
        for term in known.by_name(texts)
        if term.key in there
        and part in "\n".join((term.name(texts), term.text(texts), *term.words)).casefold()
    ]


def _term(term: Term, texts: Messages) -> None:
    page = page_of(term.room)
    assert page is not None  # a term is seen in a room
    with st.container(gap="xxsmall", key=f"glossary_{term.key}"):
        formula = f"  \n${term.formula}$" if term.formula else ""
        st.markdown(f"**{plain(term.name(texts))}**  \n{plain(term.text(texts))}{formula}")
        session.room_link(term.room, texts.text("glossary_page.seen", room=page.label))
