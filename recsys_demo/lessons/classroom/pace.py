"""Pace: a teacher holds all at a step, lets go, pauses, or lets students work ahead."""

from __future__ import annotations

from recsys_demo.lessons.classroom.classes import Teacher, turned
from recsys_demo.lessons.classroom.store import ClassStore


def hold(store: ClassStore, teacher: Teacher, step: str) -> None:
    """Take everybody to a step ("a.penguin") and hold them there; a pause is over."""
    with store.writing() as rows:
        rows.execute(
            "UPDATE classes SET held = ?, holds = holds + 1, paused = 0 WHERE id = ?",
            (step[:90], teacher.class_id),
        )
        turned(rows, teacher.class_id)


def let_go(store: ClassStore, teacher: Teacher) -> None:
    """Everybody goes on as they like."""
    _set(store, teacher, "held = '', paused = 0")


def pause(store: ClassStore, teacher: Teacher, is_paused: bool) -> None:
    """No answers are taken while it lasts."""
    _set(store, teacher, "paused = 1" if is_paused else "paused = 0")


def let_work_ahead(store: ClassStore, teacher: Teacher, is_allowed: bool) -> None:
    """Whether questions that were not opened take answers, one student at a time."""
    _set(store, teacher, "ahead = 1" if is_allowed else "ahead = 0")


def choose_challenge(store: ClassStore, teacher: Teacher, key: str) -> None:
    """Which challenge is on; empty for none."""
    with store.writing() as rows:
        rows.execute("UPDATE classes SET challenge = ? WHERE id = ?", (key[:40], teacher.class_id))
        turned(rows, teacher.class_id)


def _set(store: ClassStore, teacher: Teacher, what: str) -> None:
    """`what` is one of the constants above."""
    with store.writing() as rows:
        rows.execute(f"UPDATE classes SET {what} WHERE id = ?", (teacher.class_id,))
        turned(rows, teacher.class_id)
