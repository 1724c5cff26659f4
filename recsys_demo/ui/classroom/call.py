"""A teacher calls the class to a step: every student's page goes there, once."""

from __future__ import annotations

from recsys_demo.errors import LabError
from recsys_demo.lessons.files import built_in
from recsys_demo.ui.classroom.membership import step_to_follow
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.messages import show_error


def follow_call(here: str) -> None:
    """Go to the step, in its room."""
    lesson, _, step = step_to_follow().partition(".")
    if not step:
        return
    try:
        file = built_in(lesson)
        moves.go(file, file.lesson.step(step), here)
    except LabError as error:
        show_error(error)
