"""Estimates are measured against what came out: who was nearest, and what many missed."""

from __future__ import annotations

import math

import pytest

from recsys_demo.evaluation.intervals import Interval, unknown_interval
from recsys_demo.lessons.classroom.classes import Opened, open_class
from recsys_demo.lessons.classroom.guesses import guessed, guesses
from recsys_demo.lessons.classroom.misconceptions import (
    EXAMPLES,
    misconception_records,
    misconceptions,
)
from recsys_demo.lessons.classroom.polls import Move, Place, move_poll, solve, vote
from recsys_demo.lessons.classroom.seats import turn_of
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import Student
from recsys_demo.lessons.classroom.targets import Target, as_text, known_to, targets_of
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.format import MapQuestion, Question
from recsys_demo.lessons.messages import messages
from recsys_demo.lessons.progress import Prediction, Spot
from recsys_demo.lessons.reveals.outcomes import Mark, Outcome
from recsys_demo.lessons.reveals.outcomes import Place as Dot
from tests.making.classes import seated

DOTS, NUMBER, OPTION = ("a", "dots"), ("a", "all_rows"), ("a", "penguin")
MODELS = ("wide", "deep", "wide_deep", "deepfm")
TEXTS = messages("en")
LANDED = Outcome(
    (), places=tuple(Dot(m, Interval(0.7, 0.68, 0.72), unknown_interval(0.8), None) for m in MODELS)
)
NUMBERED = Outcome((), (Mark(Interval(0.01, -0.01, 0.03)), Mark(unknown_interval(9.0))))


def question_of(place: Place) -> Question:
    question = built_in(place[0]).lesson.step(place[1]).question
    assert question is not None
    return question


def say(store: ClassStore, student: Student, place: Place, **answer: object) -> None:
    said = Prediction.model_validate({"lesson": place[0], "step": place[1], **answer})
    vote(store, student, question_of(place), said)


def dots(x: float, y: float) -> tuple[Spot, ...]:
    return tuple(Spot(model=model, x=x, y=y) for model in MODELS)


def move(store: ClassStore, opened: Opened, place: Place, *moves: Move) -> None:
    for one in moves:
        move_poll(store, opened.teacher, place, one)


def mark(store: ClassStore, opened: Opened, place: Place, came_out: Outcome) -> bool:
    move(store, opened, place, "close", "mark")
    targets = as_text(targets_of(question_of(place), came_out))
    return solve(store, opened.teacher, place, came_out.came_out, targets)


def test_the_nearest_dots_stand_first_and_the_last_round_counts(
    store: ClassStore, opened: Opened
) -> None:
    far, near, unsure = (seated(store, opened, name) for name in ("far", "near", "unsure"))
    move(store, opened, DOTS, "open")
    say(store, far, DOTS, spots=dots(0.7, 0.8))
    say(store, near, DOTS, spots=dots(0.7, 0.6))
    say(store, unsure, DOTS, option="unknown")
    move(store, opened, DOTS, "close", "revote")
    say(store, far, DOTS, spots=dots(0.4, 0.4))
    assert guessed(store, far) is None  # nothing is said while it is asked
    assert mark(store, opened, DOTS, LANDED)
    place, targets = guessed(store, far) or ((), ())
    assert place == DOTS
    found = guesses(store, far, DOTS, targets)
    assert [(one.alias, one.miss, one.is_own) for one in found] == [
        (near.alias, pytest.approx(0.2), False),
        (far.alias, pytest.approx(0.5), True),
    ]
    assert not any(one.is_own for one in guesses(store, opened.teacher, DOTS, targets))
    assert known_to(targets) == pytest.approx(0.02)


def test_a_number_is_measured_against_the_first_mark_and_the_last_question_counts(
    store: ClassStore, opened: Opened
) -> None:
    student = seated(store, opened, "one")
    for place in (DOTS, NUMBER):
        move(store, opened, place, "open")
    say(store, student, DOTS, spots=dots(0.5, 0.5))
    say(store, student, NUMBER, number=-0.2)
    mark(store, opened, DOTS, LANDED)
    mark(store, opened, NUMBER, NUMBERED)
    place, targets = guessed(store, student) or ((), ())
    assert place == NUMBER
    assert guesses(store, student, NUMBER, targets)[0].miss == pytest.approx(0.21)


def test_another_class_sees_nothing_of_it(store: ClassStore, opened: Opened) -> None:
    student = seated(store, opened, "one")
    move(store, opened, NUMBER, "open")
    say(store, student, NUMBER, number=0.1)
    mark(store, opened, NUMBER, NUMBERED)
    other = open_class(store, "another teacher", 60).teacher
    targets = targets_of(question_of(NUMBER), NUMBERED)
    assert guessed(store, other) is None
    assert guesses(store, other, NUMBER, targets) == []


def test_what_came_out_is_noted_of_marked_questions_once(store: ClassStore, opened: Opened) -> None:
    move(store, opened, NUMBER, "open")
    targets = as_text(targets_of(question_of(NUMBER), NUMBERED))
    assert not solve(store, opened.teacher, NUMBER, "", targets)
    assert mark(store, opened, NUMBER, NUMBERED)
    assert not solve(store, opened.teacher, NUMBER, "", targets)
    assert not solve(store, opened.teacher, NUMBER, "", "")  # a reveal about something else
    turn = turn_of(store, opened.teacher.class_id)
    assert solve(store, opened.teacher, NUMBER, "", targets.replace("0.01", "0.02"))
    assert turn_of(store, opened.teacher.class_id) == turn  # no page wakes another for it
    assert guessed(store, opened.teacher) is not None


@pytest.mark.parametrize(
    ("place", "came_out"),
    [(DOTS, NUMBERED), (NUMBER, LANDED), (OPTION, NUMBERED), (DOTS, Outcome(()))],
)
def test_a_reveal_about_something_else_measures_nothing(place: Place, came_out: Outcome) -> None:
    assert targets_of(question_of(place), came_out) == ()


def test_a_model_that_was_not_asked_about_is_no_target() -> None:
    asked = MapQuestion(models=("wide",))
    assert [one.model for one in targets_of(asked, LANDED)] == ["wide"]


def test_where_nothing_else_is_known_no_size_of_luck_is_told() -> None:
    none: tuple[Target, ...] = targets_of(
        question_of(NUMBER), Outcome((), (Mark(unknown_interval(1.0)),))
    )
    assert math.isnan(known_to(none))


def test_misconceptions_come_with_counts_and_single_answers_without_names(
    store: ClassStore, opened: Opened
) -> None:
    people = [seated(store, opened, f"student {number}") for number in range(6)]
    move(store, opened, OPTION, "open")
    sure = ("know", "guess", "guess", "think", "think", "know")
    for student, level in zip(people, sure, strict=True):
        say(store, student, OPTION, option="deep", sure=level)
    move(store, opened, OPTION, "close", "revote")
    for student, option in zip(people[:5], ("wide", "both", "both", "nobody", "both"), strict=True):
        say(store, student, OPTION, option=option, sure="know")
    mark(store, opened, OPTION, Outcome((), came_out="wide"))
    found = misconceptions(store, opened.teacher, TEXTS)
    assert [(one.given, one.answered) for one in found] == [(3, 5), (1, 5)]
    assert found[0].answer == TEXTS.text("a.penguin.options.both")
    assert found[0].reason == TEXTS.text("a.penguin.reasons.both")
    (single,) = found[0].examples  # three people said the same
    assert TEXTS.text("card.know") in single
    assert TEXTS.text("a.penguin.options.deep") in single
    told = str(misconception_records(found))
    assert not any(student.alias in told for student in people)


def test_estimates_that_many_miss_are_misconceptions_too(store: ClassStore, opened: Opened) -> None:
    people = [seated(store, opened, f"student {number}") for number in range(4)]
    for place in (NUMBER, DOTS):
        move(store, opened, place, "open")
    for student, number in zip(people, (0.3, 0.2, 0.25, 0.02), strict=True):
        say(store, student, NUMBER, number=number)
        say(store, student, DOTS, spots=dots(0.7, 0.2))
    mark(store, opened, NUMBER, NUMBERED)
    mark(store, opened, DOTS, LANDED)
    found = misconceptions(store, opened.teacher, TEXTS)
    number = next(one for one in found if one.question == TEXTS.text("a.all_rows.question"))
    assert (number.given, number.answered) == (3, 4)
    assert number.answer == TEXTS.text("class.example.above", what="")
    assert number.examples == ("0.2", "0.25", "0.3")
    assert len(number.examples) <= EXAMPLES
    low = TEXTS.text("class.example.below", what="")
    assert all(one.answer.startswith(low) for one in found if one is not number)
