"""What a reveal is made from, and what it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from recsys_demo.config.presets import PRESETS
from recsys_demo.data.sources import Dataset
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import with_error
from recsys_demo.lessons.messages import Messages
from recsys_demo.lessons.progress import Prediction
from recsys_demo.studies.comparison.models import Contender


@dataclass(frozen=True, eq=False)
class Material:
    """The log with the slices of its test rows, the finished runs by their model's own name, and
    what the overcross demonstration told."""

    data: Dataset
    slices: Sequence[Slice]
    models: Mapping[str, Contender]
    points: Sequence[Mapping[str, Any]] = ()

    def lacks(self, wanted: Sequence[str]) -> list[str]:
        """Which of these models are not trained."""
        return [name for name in wanted if name not in self.models]


@dataclass(frozen=True)
class Sentence:
    """A sentence by its key, with its parameters. `where` is the key of a slice."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, messages: Messages) -> str:
        """The sentence in a language."""
        values = dict(self.values)
        if "where" in values:
            values["where"] = messages.text(f"slices.{values['where']}")
        return messages.text(f"reveals.{self.key}", **values)


@dataclass(frozen=True)
class Mark:
    """A line of the reveal's chart: what came out with its interval (ends of NaN where it has
    none), and where there is one the guess. `where` is the key of a slice, `moment` that of a text
    of `moments`, `model` a model's name, each or empty; `reference` is drawn as a line across;
    `others` a class guessed."""

    outcome: Interval
    guess: float | None = None
    where: str = ""
    model: str = ""
    reference: float | None = None
    others: tuple[float, ...] = ()
    moment: str = ""


@dataclass(frozen=True)
class Place:
    """A model's guessed and real place on the map; `others` are guesses of a class."""

    model: str
    x: Interval
    y: Interval
    guess: tuple[float, float] | None
    others: tuple[tuple[float, float], ...] = ()

    @property
    def miss(self) -> float:
        """How far the guess lies from what came out, NaN where there is none."""
        if self.guess is None:
            return math.nan
        return math.hypot(self.guess[0] - self.x.value, self.guess[1] - self.y.value)


@dataclass(frozen=True)
class Outcome:
    """Sentences, conclusion first, and what the chart draws. `came_out` is the option that came
    out, empty where none did or none was offered; `unit` the chart's axis, a term that needs no
    translation or the key of a text of `units`; `against` the key of a text that says what the
    references of its marks are; `is_single` that single trainings were looked at, which say nothing
    of the models yet."""

    told: tuple[Sentence, ...]
    marks: tuple[Mark, ...] = ()
    places: tuple[Place, ...] = ()
    came_out: str = ""
    unit: str = "AUC"
    against: str = ""
    is_single: bool = False

    def axis_title(self, messages: Messages) -> str:
        """What the chart's axis counts."""
        return messages.text(f"units.{self.unit}") or self.unit

    def row_name(self, mark: Mark, messages: Messages) -> str:
        """What one of its lines is about."""
        if mark.where:
            return messages.text(f"slices.{mark.where}")
        if mark.moment:
            return messages.text(f"moments.{mark.moment}")
        return name_of(mark.model) or self.axis_title(messages)


def name_of(model: str) -> str:
    """A model's name as people know it."""
    preset = PRESETS.get(model)
    return model if preset is None else preset.label


def with_others(found: Outcome, answers: Sequence[Prediction]) -> Outcome:
    """The same with the guesses of a class around it: numbers at the first mark, places at their
    model's; a model's two marks are its place, right before up."""
    numbers = tuple(answer.number for answer in answers if answer.number is not None)
    spots = [spot for answer in answers for spot in answer.spots]
    marks = []
    for at, mark in enumerate(found.marks):
        own = [(spot.x, spot.y) for spot in spots if spot.model == mark.model and at < 2]
        others = tuple(place[at] for place in own) or (numbers if at == 0 else ())
        marks.append(replace(mark, others=others))
    places = [
        replace(one, others=tuple((spot.x, spot.y) for spot in spots if spot.model == one.model))
        for one in found.places
    ]
    return replace(found, marks=tuple(marks), places=tuple(places))


def size(interval: Interval) -> str:
    """`0.164 ± 0.012`, without sign; without the ± where it is not known."""
    value = abs(interval.value)
    return with_error(value, interval.half_width) if interval.is_known else f"{value:.3f}"


def signed(interval: Interval) -> str:
    """`+0.164 ± 0.012`."""
    return f"{'−' if interval.value < 0 else '+'}{size(interval)}"
