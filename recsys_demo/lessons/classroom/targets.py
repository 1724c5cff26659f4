"""What an estimate is measured against: the numbers that came out of a question, as the lab has
measured them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from pydantic import FiniteFloat, TypeAdapter

from recsys_demo.evaluation.intervals import Interval, unknown_interval
from recsys_demo.lessons.classroom.store import Rows
from recsys_demo.lessons.format import MapQuestion, NumberQuestion, Question
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveals.outcomes import Outcome
from recsys_demo.values import Frozen


class Measured(Frozen):
    """A number that came out, and the ends of its interval where they are known."""

    value: FiniteFloat
    ends: tuple[FiniteFloat, FiniteFloat] | None = None

    @property
    def interval(self) -> Interval:
        """The same as the lab's one type of interval."""
        if self.ends is None:
            return unknown_interval(self.value)
        return Interval(self.value, *self.ends)


class Target(Frozen):
    """One number that came out (`y` is None), or a model's place on the map."""

    x: Measured
    y: Measured | None = None
    model: str = ""


_TARGETS = TypeAdapter(tuple[Target, ...])


def targets_of(question: Question, found: Outcome) -> tuple[Target, ...]:
    """What the estimates of a question are measured against; none for a question of options, and
    for a reveal that is about something else. A number is asked of the first mark."""
    if isinstance(question, MapQuestion):
        places = [(place.model, place.x, place.y) for place in found.places]
        if {model for model, _, _ in places} >= set(question.models):
            known = [one for one in places if one[0] in question.models]
            return tuple(Target(model=m, x=_measured(x), y=_measured(y)) for m, x, y in known)
    if isinstance(question, NumberQuestion) and found.marks:
        return (Target(x=_measured(found.marks[0].outcome)),)
    return ()


def miss(answer: Prediction, targets: Iterable[Target]) -> float:
    """How far an estimate lies from what came out, in the unit of the question; on the map the mean
    distance over the models. NaN for an answer that is no estimate."""
    spots = {spot.model: (spot.x, spot.y) for spot in answer.spots}
    misses = []
    for target in targets:
        if target.y is None:
            misses.append(abs((answer.number or 0.0) - target.x.value))
        elif target.model in spots:
            x, y = spots[target.model]
            misses.append(math.hypot(x - target.x.value, y - target.y.value))
    if not misses or (not spots and answer.number is None):
        return math.nan
    return sum(misses) / len(misses)


def known_to(targets: Iterable[Target]) -> float:
    """Half of the widest interval: what came out is known no better. NaN where none is known."""
    every = [one.interval for target in targets for one in (target.x, target.y) if one is not None]
    return max((one.half_width for one in every if one.is_known), default=math.nan)


def as_text(targets: tuple[Target, ...]) -> str:
    """How they lie in the store; empty for none."""
    return _TARGETS.dump_json(targets).decode() if targets else ""


def targets_in(rows: Rows, class_id: int) -> Mapping[tuple[str, str], tuple[Target, ...]]:
    """Of every question that is marked and was measured, in the order in which they were asked."""
    found = rows.execute(
        "SELECT lesson, step, targets FROM polls "
        "WHERE class = ? AND phase = 'marked' AND targets != '' ORDER BY id",
        (class_id,),
    )
    return {(lesson, step): _TARGETS.validate_json(text) for lesson, step, text in found}


def _measured(found: Interval) -> Measured:
    return Measured(value=found.value, ends=(found.low, found.high) if found.is_known else None)
