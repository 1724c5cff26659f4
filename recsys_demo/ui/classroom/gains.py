"""The quiz as part of a class: handed in before and after, and what was learned."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.learned import gains, keep_quiz
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.quiz import Form
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.classroom.seat import seat


def hand_in_quiz(form: Form, answers: Mapping[str, str | None]) -> None:
    """Keep the answers of a student of a class; nobody else's are kept."""
    found = seat()
    if found is not None and found.student is not None:
        keep_quiz(class_store(), found.student, form, answers)


def gains_part(teacher: Teacher, texts: Messages) -> None:
    """A row for each idea that was asked before and after; nothing until then."""
    found = gains(class_store(), teacher)
    if not found:
        return
    st.markdown("**What was learned**")
    rows = [
        {
            "Idea": texts.text(f"quiz.{one.question.key}.idea"),
            "Students": one.students,
            "Right before": f"{one.before:.0%}",
            "Right after": f"{one.after:.0%}",
            "Normalized gain": _gain_text(one.gain),
        }
        for one in found
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        "Of those who handed in the quiz in both wordings. The gain is the share of what was "
        "missing before; the interval is 95 %, over students. Nobody but you sees this table."
    )


def _gain_text(gain: Interval) -> str:
    if gain.value != gain.value:  # everybody was right before
        return "nothing was missing"
    return str(gain) if gain.is_known else f"{gain.value:.2f} (too few for an interval)"
