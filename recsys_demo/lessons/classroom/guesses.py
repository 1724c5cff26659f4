"""The best guess of the class: whose estimate was nearest to what came out. Scored here, from the
answers that were taken while the question was open; nobody enters anything."""

from __future__ import annotations

import math
from dataclasses import dataclass

from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.polls import Place
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.classroom.targets import Target, miss, targets_in
from recsys_demo.lessons.progress import Prediction

GUESS = "guess"  # the challenge's key


@dataclass(frozen=True)
class Guess:
    """How far off a student's last answer to a question was; `is_own` for whoever asks."""

    alias: str
    miss: float
    is_own: bool


def guessed(store: ClassStore, who: Teacher | Student) -> tuple[Place, tuple[Target, ...]] | None:
    """The question asked last of those that are marked and ask for an estimate, and what came out;
    None before there is one."""
    with store.reading() as rows:
        found = targets_in(rows, who.class_id)
    return list(found.items())[-1] if found else None


def guesses(
    store: ClassStore, who: Teacher | Student, place: Place, targets: tuple[Target, ...]
) -> list[Guess]:
    """Of everybody who gave an estimate, the nearest first. Whoever answered in both rounds is
    taken at the second."""
    own = who.id if isinstance(who, Student) else -1
    with store.reading() as rows:
        found = rows.execute(
            "SELECT students.id, alias, answer, MAX(votes.round) FROM votes "
            "JOIN polls ON polls.id = poll JOIN students ON students.id = student "
            "WHERE polls.class = ? AND lesson = ? AND step = ? AND phase = 'marked' "
            "GROUP BY student",
            (who.class_id, *place),
        ).fetchall()
    every = [
        Guess(alias, miss(Prediction.model_validate_json(answer), targets), number == own)
        for number, alias, answer, _ in found
    ]
    near = [guess for guess in every if math.isfinite(guess.miss)]
    return sorted(near, key=lambda guess: (guess.miss, guess.alias))
