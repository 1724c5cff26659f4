"""What a class has learned: the quiz before and after, idea by idea, for the teacher only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.intervals import Interval, unknown_interval
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.quiz import Form, QuizQuestion, quiz

RESAMPLES, LEVEL, FEWEST = 2_000, 0.95, 5
BEFORE: Form = "first"
AFTER: Form = "second"


@dataclass(frozen=True)
class Gain:
    """Shares right before and after among those who answered both times, and the normalized gain
    (after - before) / (1 - before) of Hake (1998): the part of what was missing that was
    learned."""

    question: QuizQuestion
    before: float
    after: float
    students: int
    gain: Interval


def keep_quiz(
    store: ClassStore, student: Student, form: Form, answers: Mapping[str, str | None]
) -> None:
    """Keep what a student handed in; of each wording the first time counts. The first wording is
    the one before the lessons."""
    known = {question.key for question in quiz().questions}
    rows_of = [(student.id, form, key, (answers.get(key) or "")[:60]) for key in sorted(known)]
    with store.writing() as rows:
        rows.executemany("INSERT OR IGNORE INTO quiz_answers VALUES (?, ?, ?, ?)", rows_of)


def gains(store: ClassStore, teacher: Teacher) -> list[Gain]:
    """Of every idea that somebody answered both before and after."""
    with store.reading() as rows:
        found = rows.execute(
            "SELECT question, student, form, chosen FROM quiz_answers "
            "JOIN students ON students.id = student WHERE class = ?",
            (teacher.class_id,),
        ).fetchall()
    said = {(question, student, form): chosen for question, student, form, chosen in found}
    told = []
    for question in quiz().questions:
        both = [
            (said[question.key, who, BEFORE], said[question.key, who, AFTER])
            for who in sorted({who for _, who, _ in said})
            if (question.key, who, BEFORE) in said and (question.key, who, AFTER) in said
        ]
        if both:
            told.append(_gain(question, both))
    return told


def normalized_gain(right: npt.NDArray[np.float64]) -> Interval:
    """Of pairs (right before, right after), a row for each student; the interval is a percentile
    bootstrap over students, unknown for fewer than five. NaN where nobody was wrong before."""
    value = _hake(right[:, 0].mean(), right[:, 1].mean())
    if len(right) < FEWEST or not np.isfinite(value):
        return unknown_interval(value)
    drawn = np.random.default_rng(0).integers(0, len(right), (RESAMPLES, len(right)))
    means = right[drawn].mean(axis=1)
    known = means[:, 0] < 1
    values = (means[known, 1] - means[known, 0]) / (1 - means[known, 0])
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high), LEVEL, "bootstrap over students", len(right))


def _gain(question: QuizQuestion, both: list[tuple[str, str]]) -> Gain:
    right = np.array(
        [[a == question.answer(BEFORE), b == question.answer(AFTER)] for a, b in both], dtype=float
    )
    before, after = (float(share) for share in right.mean(axis=0))
    return Gain(question, before, after, len(both), normalized_gain(right))


def _hake(before: float, after: float) -> float:
    return float("nan") if before == 1 else float((after - before) / (1 - before))
