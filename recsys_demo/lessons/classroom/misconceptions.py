"""Common misconceptions of a class: how many gave a wrong answer, and what single answers of them
were like, without saying whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.polls import Place, Poll
from recsys_demo.lessons.classroom.results import Results, results
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.tables import answer_text, asked, step_at, texts_at
from recsys_demo.lessons.classroom.targets import Measured, Target, targets_in
from recsys_demo.lessons.format import NumberQuestion, Question
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.progress import UNKNOWN, Confidence, Prediction
from recsys_demo.lessons.reveals.outcomes import name_of

EXAMPLES = 3
TOLERANCE = 0.1  # of the scale: an estimate that is further off is counted
OF_A_QUESTION = 2  # of the many ways to miss a map
_SUREST: tuple[Confidence, ...] = get_args(Confidence)[::-1]


@dataclass(frozen=True)
class Misconception:
    """A wrong answer of a question, how many of how many gave it in the last round, why it is
    wrong, and single answers: how sure they were, or the number given."""

    question: str
    answer: str
    given: int
    answered: int
    reason: str
    examples: tuple[str, ...] = ()


def misconceptions(store: ClassStore, teacher: Teacher, texts: Messages) -> list[Misconception]:
    """Wrong answers to marked questions, the most frequent first. "I don't know" is none."""
    with store.reading() as rows:
        measured = targets_in(rows, teacher.class_id)
    found: list[Misconception] = []
    for place, poll in asked(store, teacher).items():
        answers, own = results(store, teacher, place), texts_at(place, texts)
        if poll.solution:
            found += _options(place, poll, answers, own)
        if place in measured:
            off = sorted(_estimates(place, measured[place], answers, own), key=_order)
            found += off[:OF_A_QUESTION]
    return sorted(found, key=_order)


def misconception_records(found: Sequence[Misconception]) -> list[dict[str, object]]:
    """A row for each."""
    return [
        {
            "question": one.question,
            "answer": one.answer,
            "count": one.given,
            "answered": one.answered,
            "why": one.reason,
            "examples": "; ".join(one.examples),
        }
        for one in found
    ]


def _order(one: Misconception) -> tuple[float, str, str]:
    return -one.given / one.answered, one.question, one.answer


def _options(
    place: Place, poll: Poll, answers: Results, texts: Messages
) -> Iterator[Misconception]:
    last, base = answers.last, ".".join(place)
    for option, count in last.counts().items():
        if option not in (poll.solution, UNKNOWN):
            yield Misconception(
                texts.text(f"{base}.question"),
                texts.text(f"{base}.options.{option}"),
                count,
                last.answered,
                texts.text(f"{base}.reasons.{option}"),
                _singles(place, option, answers, texts),
            )


def _singles(place: Place, option: str, answers: Results, texts: Messages) -> tuple[str, ...]:
    """Single answers with this option, the surest first: what was said of it, and what the same
    person had said in the round before."""
    told = {}
    for student, vote in answers.last.votes.items():
        if vote.option == option:
            said = texts.text("class.example.said", sure=texts.text(f"card.{vote.sure}"))
            before = answers.first.votes.get(student) if answers.has_second else None
            if before is not None:
                first = answer_text(place, before, texts)
                said += texts.text("class.example.before", answer=first)
            told[said] = _SUREST.index(vote.sure)
    return tuple(sorted(told, key=lambda said: (told[said], said)))[:EXAMPLES]


def _estimates(
    place: Place, targets: Sequence[Target], answers: Results, texts: Messages
) -> Iterator[Misconception]:
    step = step_at(place)
    assert step is not None  # only steps of lessons that are there
    allowed = _allowed(step[1].question)
    for came_out, name, given in _axes(targets, list(answers.last.votes.values()), texts):
        low, high = came_out.ends or (came_out.value, came_out.value)
        sides = {
            "above": [value for value in given if value > high + allowed],
            "below": [value for value in given if value < low - allowed],
        }
        for side, off in sides.items():
            if off:
                yield Misconception(
                    texts.text(f"{'.'.join(place)}.question"),
                    texts.text(f"class.example.{side}", what=name),
                    len(off),
                    answers.last.answered,
                    texts.text("class.example.came_out", value=f"{came_out.value:.2g}"),
                    tuple(f"{value:g}" for value in _spread(sorted(off))),
                )


def _axes(
    targets: Sequence[Target], votes: Sequence[Prediction], texts: Messages
) -> Iterator[tuple[Measured, str, list[float]]]:
    """Every number that came out, what it is called, and the estimates of it."""
    for target in targets:
        spots = [spot for vote in votes for spot in vote.spots if spot.model == target.model]
        if target.y is None:
            yield target.x, "", [vote.number for vote in votes if vote.number is not None]
            continue
        axes = ((target.x, [s.x for s in spots], "right"), (target.y, [s.y for s in spots], "up"))
        for came_out, given, way in axes:
            name = texts.text(f"class.example.{way}", model=name_of(target.model))
            yield came_out, name, given


def _allowed(question: Question | None) -> float:
    """How far off an estimate may be."""
    scale = question.high - question.low if isinstance(question, NumberQuestion) else 1.0
    return TOLERANCE * scale


def _spread(values: Sequence[float]) -> list[float]:
    """Least, middle and greatest of some sorted values, each once."""
    picked = (values[0], values[len(values) // 2], values[-1])
    return list(dict.fromkeys(picked))
