"""Challenges: who gets furthest. Scored from runs that this server has trained, so that nobody can
claim a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.errors import InputError
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.guesses import GUESS
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student

MOST_CROSSES = 3
TENFOLD = 0.01  # of AUC: what ten times as many weights must bring


@dataclass(frozen=True)
class Entry:
    """A trained model: AUC on never-seen pairs (x), on planted exceptions (y) and on all test rows
    (quality), its weights and crosses."""

    model: str
    x: float
    y: float
    quality: float
    weights: int
    crosses: int


@dataclass(frozen=True)
class Challenge:
    """What an entry scores, more is better, and how many crosses it may have."""

    score: Callable[[Entry], float]
    most_crosses: int | None = None


@dataclass(frozen=True)
class Placed:
    """An entry with its score and the alias it stands under; `is_own` for whoever asks."""

    alias: str
    entry: Entry
    score: float
    is_own: bool


# Those that students enter with a model; the best guess is scored from answers (`guesses`).
CHALLENGES: Mapping[str, Challenge] = MappingProxyType(
    {
        "corner": Challenge(lambda entry: -math.hypot(1 - entry.x, 1 - entry.y), MOST_CROSSES),
        "small": Challenge(
            lambda entry: entry.quality - TENFOLD * math.log10(max(entry.weights, 1))
        ),
    }
)
KINDS = (*CHALLENGES, GUESS)


def entry_of(config: RunConfig, result: Mapping[str, Any]) -> Entry:
    """A finished run as an entry. Raises InputError for one on other data: it could not be compared
    with those of the class."""
    if config.data != SampleSpec() or config.split.kind != "column":
        raise _refusal(
            "the model was trained on other data",
            "the sample set as it is shipped, with its own split",
            "Reset the choices of the Data room, and train again.",
        )
    slices = result["test"]["slices"]
    return Entry(
        config.model.name,
        float(slices["never"]["auc"]),
        float(slices["exceptions"]["auc"]),
        float(result["test"]["auc"]),
        int(result["parameters"]),
        len(config.model.crosses),
    )


def enter(store: ClassStore, student: Student, key: str, entry: Entry) -> None:
    """Take part, in place of an earlier entry that scores less. Raises InputError for a challenge
    that is not on, and for an entry that its rule does not allow."""
    with store.writing() as rows:
        (on,) = rows.execute(
            "SELECT challenge FROM classes WHERE id = ?", (student.class_id,)
        ).fetchone() or ("",)
        challenge = CHALLENGES.get(key)
        if challenge is None or on != key:
            raise _refusal(
                "this challenge is not on",
                "the one that the teacher has chosen",
                "Look again: the teacher may have chosen another.",
            )
        most = challenge.most_crosses
        if most is not None and entry.crosses > most:
            raise _refusal(
                f"the model has {entry.crosses} crosses",
                f"at most {most}",
                "Switch some off in the Crosses room, and train again.",
            )
        before = [one for one in _entries(rows, student.class_id, key) if one[0] == student.id]
        if before and challenge.score(before[0][2]) >= challenge.score(entry):
            return
        row = (student.id, key, entry.model, entry.x, entry.y, entry.quality)
        rows.execute(
            "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, entry.weights, entry.crosses),
        )


def standings(store: ClassStore, who: Teacher | Student, key: str) -> list[Placed]:
    """All entries of a challenge, the best first."""
    challenge = CHALLENGES.get(key)
    if challenge is None:
        return []
    own = who.id if isinstance(who, Student) else -1
    with store.reading() as rows:
        found = _entries(rows, who.class_id, key)
    placed = [
        Placed(alias, entry, challenge.score(entry), number == own)
        for number, alias, entry in found
    ]
    return sorted(placed, key=lambda one: (-one.score, one.alias))


def _entries(rows: Any, class_id: int, key: str) -> list[tuple[int, str, Entry]]:
    found = rows.execute(
        "SELECT students.id, alias, model, x, y, quality, weights, crosses FROM entries "
        "JOIN students ON students.id = student WHERE class = ? AND challenge = ?",
        (class_id, key),
    ).fetchall()
    return [(int(number), str(alias), Entry(*rest)) for number, alias, *rest in found]


def _refusal(what: str, expected: str, remedy: str) -> InputError:
    return InputError.of(
        what=what, where="challenge", got="this entry", expected=expected, remedy=remedy
    )
