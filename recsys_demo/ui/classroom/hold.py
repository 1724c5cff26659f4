"""A teacher holds the class at a step."""

from __future__ import annotations

from recsys_demo.errors import InputError
from recsys_demo.ui.classroom.seat import seat


def check(step: str) -> None:
    """Raises InputError where a student of a class that is held would go to another step."""
    found = seat()
    if found is None or found.student is None or found.view.held in ("", step):
        return
    raise InputError.of(
        what="your teacher holds the class at one step",
        where="lesson",
        got="a move to another one",
        expected="this step, until your teacher lets go",
        remedy="Wait, or leave the lesson to look around.",
    )
