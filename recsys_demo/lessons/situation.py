"""What a person has before them, as far as lessons ask about it, and whether a step is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from recsys_demo.lessons.format import Condition, Lesson, Step
from recsys_demo.lessons.progress import Prediction, prediction


@dataclass(frozen=True)
class Situation:
    """The room that is open, the choices, and how many finished runs each model of them has.
    `exceptions` is None where the log is not planted."""

    room: str
    finished: Mapping[str, int] = field(default_factory=dict)
    crosses: tuple[str, ...] = ()
    controls: Mapping[str, Any] = field(default_factory=dict)
    exceptions: int | None = None
    seeds: int = 1
    overcrossed: bool = False


def holds(condition: Condition, now: Situation) -> bool:
    """Whether all that the condition gives is so."""
    runs = Counter(now.finished)
    return all(
        (
            condition.room is None or condition.room == now.room,
            all(runs[model] >= condition.seeds for model in condition.trained),
            set(condition.crosses) <= set(now.crosses),
            all(_chosen(now.controls, name) == value for name, value in condition.control.items()),
            in_world(condition, now),
            condition.least_seeds is None or condition.least_seeds <= now.seeds,
            now.overcrossed or not condition.overcross,
        )
    )


def in_world(condition: Condition | None, now: Situation) -> bool:
    """Whether the sample set has as few exceptions as the condition is about."""
    most = None if condition is None else condition.most_exceptions
    return most is None or (now.exceptions is not None and now.exceptions <= most)


def _chosen(controls: Mapping[str, Any], name: str) -> Any:
    """A choice by its room and name."""
    room, _, inside = name.partition(".")
    of_room = controls.get(room)
    return of_room.get(inside) if isinstance(of_room, Mapping) else None


def is_done(lesson: Lesson, step: Step, made: tuple[Prediction, ...], now: Situation) -> bool:
    """Whether a step has its tick: answered where it asks, and what it says is done."""
    answered = step.question is None or prediction(made, lesson.key, step.key) is not None
    if step.done is None:
        # What is only read is done once it is read: the page says so when it is left.
        return answered and step.question is not None
    return answered and holds(step.done, now)


def withheld(lesson: Lesson, made: tuple[Prediction, ...], now: Situation) -> frozenset[str]:
    """What nobody sees: of every question without an answer, whichever step is open."""
    return frozenset(
        name
        for step in lesson.questions
        if prediction(made, lesson.key, step.key) is None
        and (step.withholds_when is None or holds(step.withholds_when, now))
        for name in step.withholds
    )
