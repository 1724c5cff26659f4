"""What a teacher takes home: a table of answers, and one of states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.polls import Place, Poll, polls_of
from recsys_demo.lessons.classroom.results import Results, results
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.format import Lesson, OptionQuestion, Step
from recsys_demo.lessons.library import lesson_of
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.progress import UNKNOWN, Prediction
from recsys_demo.lessons.reveals.outcomes import name_of

BY_HAND = "(counted by hand)"


def asked(store: ClassStore, teacher: Teacher) -> dict[Place, Poll]:
    """The questions of a class, in the order of the lessons."""
    with store.reading() as rows:
        polls = polls_of(rows, teacher.class_id)
    known = {place: poll for place, poll in polls.items() if step_at(place) is not None}
    return dict(sorted(known.items(), key=lambda item: _order(item[0])))


def answer_records(store: ClassStore, teacher: Teacher, texts: Messages) -> list[dict[str, Any]]:
    """A row for each answer of each round, and for each option that was counted by hand."""
    aliases = _aliases(store, teacher)
    return [
        record
        for place, poll in asked(store, teacher).items()
        for record in _records(
            place, poll, results(store, teacher, place), aliases, texts_at(place, texts)
        )
    ]


def state_records(store: ClassStore, teacher: Teacher) -> list[dict[str, str]]:
    """A row for each state that was handed in."""
    with store.reading() as rows:
        found = rows.execute(
            "SELECT alias, room, link FROM states JOIN students ON students.id = student "
            "WHERE class = ? ORDER BY alias",
            (teacher.class_id,),
        ).fetchall()
    return [{"student": alias, "room": room, "link": link} for alias, room, link in found]


def step_at(place: Place) -> tuple[Lesson, Step] | None:
    """A question of the lessons, the lab's and those given to it; None for what is not there any
    more."""
    file = lesson_of(place[0])
    if file is None:
        return None
    step = next((one for one in file.lesson.questions if one.key == place[1]), None)
    return None if step is None else (file.lesson, step)


def texts_at(place: Place, texts: Messages) -> Messages:
    """The texts with those of the question's lesson, where it brings its own."""
    file = lesson_of(place[0])
    return texts if file is None else file.over(texts)


def answer_text(place: Place, answer: Prediction, texts: Messages) -> str:
    """An answer in words."""
    if answer.is_unknown:
        return texts.text("card.unknown")
    if answer.number is not None:
        return f"{answer.number:g}"
    if answer.spots:
        return "; ".join(
            f"{name_of(spot.model)} {spot.x:.2f}, {spot.y:.2f}" for spot in answer.spots
        )
    return texts.text(f"{place[0]}.{place[1]}.options.{answer.option}")


def _order(place: Place) -> tuple[str, int]:
    found = step_at(place)
    return place[0], found[0].place(place[1]) if found else 0


def _records(
    place: Place, poll: Poll, found: Results, aliases: Mapping[int, str], texts: Messages
) -> Iterator[dict[str, Any]]:
    came_out = texts.text(f"{place[0]}.{place[1]}.options.{poll.solution}")
    about = {
        "lesson": place[0],
        "step": place[1],
        "question": texts.text(f"{place[0]}.{place[1]}.question"),
    }
    for number, one in enumerate((found.first, found.second), start=1):
        for student, vote in sorted(one.votes.items(), key=lambda item: aliases[item[0]]):
            yield {
                "student": aliases[student],
                **about,
                "round": number,
                "answer": answer_text(place, vote, texts),
                "sure": vote.sure,
                "came out": came_out,
                "count": 1,
            }
        for option, count in one.hands.items():
            by_hand = Prediction(lesson=place[0], step=place[1], option=option)
            yield {
                "student": BY_HAND,
                **about,
                "round": number,
                "answer": answer_text(place, by_hand, texts),
                "sure": "",
                "came out": came_out,
                "count": count,
            }


def _aliases(store: ClassStore, teacher: Teacher) -> dict[int, str]:
    with store.reading() as rows:
        found = rows.execute("SELECT id, alias FROM students WHERE class = ?", (teacher.class_id,))
        return {int(number): str(alias) for number, alias in found}


def options_of(step: Step) -> tuple[str, ...]:
    """What can be counted of a question: its options, and "I don't know"."""
    question = step.question
    own = question.options if isinstance(question, OptionQuestion) else ()
    return (*own, UNKNOWN)
