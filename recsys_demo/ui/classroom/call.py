"""A teacher calls the class to a step: every student's page goes there, once."""

from __future__ import annotations

from recsys_demo.lessons.library import lesson_of
from recsys_demo.ui.classroom.membership import step_to_follow
from recsys_demo.ui.lessons import moves


def follow_call(here: str) -> None:
    """Go to the step, in its room."""
    lesson, _, step = step_to_follow().partition(".")
    if not step:
        return
    file = lesson_of(lesson)
    if file is not None:
        moves.go(file, file.lesson.step(step), here)
