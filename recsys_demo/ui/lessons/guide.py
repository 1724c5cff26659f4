"""A lesson in a room: its card, what it shows there, and what is withheld until predicted."""

from __future__ import annotations

import streamlit as st

from recsys_demo.lessons.files import LessonFile
from recsys_demo.lessons.format import MapQuestion, Step
from recsys_demo.lessons.library import is_given
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.lessons.progress import prediction
from recsys_demo.ui.classroom.crowd import class_answers, class_bars
from recsys_demo.ui.classroom.poll import asks, placed, standing
from recsys_demo.ui.lessons import findings, moves, stage
from recsys_demo.ui.lessons.card import card, scroll, style
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import shows_error
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button
from recsys_demo.ui.withheld import is_room_withheld, leading


def guide(state: State, here: str) -> bool:
    """Draw the lesson that leads; whether the room below may be drawn."""
    file = leading(state)
    if file is None:
        return _without_lesson(state, here)
    texts = file.texts(state.language)
    step = file.lesson.step(state.step_key)
    st.html(f"<style>{style(step, state.projector)}</style>")
    is_open, is_revealed = not is_room_withheld(state, here), False
    with shows_error():
        moves.tick_done(file, findings.situation_now(state, here), state)
        if step.room == here:
            is_revealed = _staged(state, file, step, texts, is_open)
    st.html(f"<script>{scroll(step, is_revealed)}</script>", unsafe_allow_javascript=True)
    if not is_open:
        _withheld(state, here, file, step, texts)
    card(state, here, file, texts)
    return is_open


def _staged(state: State, file: LessonFile, step: Step, texts: Messages, is_open: bool) -> bool:
    """What the step shows in its room; whether that is what came out."""
    guess = prediction(state.predictions, file.lesson.key, step.key)
    place, is_revealed = (file.lesson.key, step.key), False
    if not isinstance(step.question, MapQuestion) or guess is not None:
        is_revealed = is_open and stage.reveal(state, file, step, texts)
    elif asks(place):
        stage.map_question(state, file, step, texts)
    class_bars(place, step, texts, "lesson_bars")
    return is_revealed


def _withheld(state: State, here: str, file: LessonFile, step: Step, texts: Messages) -> None:
    """Why the room is empty, and the way to the question."""
    made, key = state.predictions, file.lesson.key
    unanswered = [one for one in file.lesson.questions if prediction(made, key, one.key) is None]
    asking = [one for one in unanswered if one.withholds]
    asked = step if step in asking else next(iter(asking), None)
    if asked is None:
        return
    place, is_here = (key, asked.key), asked.key == step.key
    if is_here and isinstance(step.question, MapQuestion) and asks(place):
        return
    told = plain(standing(place, texts)) if is_here else ""
    title = texts.text(f"{key}.{asked.key}.title")
    told = told or texts.text("card.withheld", title=plain(title))
    st.info(told, icon=":material/visibility_off:")
    if not is_here:
        button(
            texts.text("card.to_question"),
            "lesson.question",
            moves.go,
            file,
            asked,
            here,
            type="primary",
        )
    if here == "start" and class_answers(place) is None:  # something to talk about meanwhile
        spots = [spot for one in made if one.lesson == key for spot in one.spots]
        own = {spot.model: (spot.x, spot.y) for spot in spots}
        stage.placed_map(state, {**own, **placed(place)})


def _without_lesson(state: State, here: str) -> bool:
    """A link may hide results without a lesson: it asks once what is expected."""
    if is_given(state.lesson_key):
        st.warning(
            messages(state.language).text("own.not_here"), icon=":material/unknown_document:"
        )
    if not is_room_withheld(state, here):
        return True
    texts = messages(state.language)
    st.info(plain(texts.text("card.withheld_link")), icon=":material/visibility_off:")
    said = st.text_area(texts.text("card.expect"), max_chars=400, key="lesson.expected")
    button(
        texts.text("card.show_results"),
        "lesson.expect",
        moves.expect,
        said,
        type="primary",
        disabled=not said.strip(),
    )
    button(texts.text("card.unknown"), "lesson.unknown", moves.expect, "unknown")
    return False
