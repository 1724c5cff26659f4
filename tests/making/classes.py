"""Students of a class."""

from __future__ import annotations

from recsys_demo.lessons.classroom.classes import Opened
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student, join


def seated(store: ClassStore, opened: Opened, browser: str) -> Student:
    """Whoever joins from this browser."""
    student = join(store, opened.code, browser)
    assert student is not None
    return student
