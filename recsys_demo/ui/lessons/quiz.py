"""The quiz below the lessons: ten questions, a score for each idea; stored in a class only."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from pydantic import Field

from recsys_demo.csv_export import to_csv
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.quiz import Form, QuizQuestion, QuizResult, quiz, records, scored
from recsys_demo.ui import room_choices
from recsys_demo.ui.classroom.gains import hand_in_quiz
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button
from recsys_demo.values import Frozen

ROOM = "lessons"
FORMS: tuple[Form, ...] = ("first", "second")


class LessonsChoices(Frozen):
    """What is chosen on the page of lessons."""

    form: Form = Field("first", description="wording of the quiz")


def quiz_section(state: State, texts: Messages) -> None:
    """Questions in one form; what was right is told when all are handed in."""
    st.markdown(f"#### {plain(texts.text('quiz.title'))}")
    st.markdown(plain(texts.text("quiz.intro")))
    control = room_choices.chosen(state, ROOM, LessonsChoices)
    st.segmented_control(
        texts.text("quiz.form"),
        FORMS,
        format_func=lambda form: texts.text(f"quiz.{form}"),
        required=True,
        help=texts.text("quiz.link"),
        **control.bound("form"),
    )
    form = control.now.form
    with st.form(f"quiz.{form}", border=False):
        answers = {
            question.key: _asked(number, question, form, texts)
            for number, question in enumerate(quiz().questions, start=1)
        }
        is_handed_in = st.form_submit_button(texts.text("quiz.submit"), type="primary")
    if is_handed_in:
        st.session_state[_handed_in(form)] = answers
        hand_in_quiz(form, answers)
    if kept := st.session_state.get(_handed_in(form)):
        _results(scored(kept, form), form, texts)


def _handed_in(form: Form) -> str:
    """Where this tab keeps what was handed in; it goes with the tab."""
    return f"quiz.handed_in.{form}"


def _asked(number: int, question: QuizQuestion, form: Form, texts: Messages) -> str | None:
    base = question.base(form)
    return st.radio(
        f"{number}. {plain(texts.text(f'{base}.question'))}",
        question.options(form, texts),
        index=None,
        format_func=lambda option: texts.text(f"{base}.options.{option}"),
        key=f"{base}.answer",
    )


def _results(results: list[QuizResult], form: Form, texts: Messages) -> None:
    right = sum(one.is_right for one in results)
    st.markdown(f"**{plain(texts.text('quiz.score', right=right, asked=len(results)))}**")
    for number, one in enumerate(results, start=1):
        _result(number, one, form, texts)
    frame = pd.DataFrame(records(results, form, texts))
    st.download_button(
        texts.text("quiz.download"),
        lambda: to_csv(frame),
        "quiz.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _result(number: int, one: QuizResult, form: Form, texts: Messages) -> None:
    """What is right, why, and the step that explains it."""
    key, base = one.question.key, one.question.base(form)
    answer = texts.text(f"{base}.options.{one.question.answer(form)}")
    told = "right" if one.is_right else "wrong" if one.chosen else "skipped"
    mark = ":material/check_circle:" if one.is_right else ":material/cancel:"
    mistake = texts.text("quiz.mistake", idea=texts.text(f"quiz.{key}.idea"))
    st.markdown(
        f"{mark} **{number}. {plain(texts.text(f'quiz.{told}', answer=answer))}**  \n"
        f"{plain(texts.text(f'quiz.{key}.reason'))} {plain(mistake)}"
    )
    if not one.is_right:
        file = built_in(one.question.lesson)
        title = texts.text(f"{one.question.lesson}.{one.question.step}.title")
        button(
            texts.text("quiz.to_step", title=title),
            f"quiz.step.{key}",
            moves.go,
            file,
            file.lesson.step(one.question.step),
            ROOM,
            type="tertiary",
            icon=":material/school:",
        )
