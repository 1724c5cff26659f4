"""What a reveal is made from, and what it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recsys_demo.data.sources import Dataset
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import with_error
from recsys_demo.lessons.messages import Messages
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
    none), and where there is one the guess. `where` is the key of a slice or empty, `model` a
    model's name or empty; `reference` is drawn as a line across."""

    outcome: Interval
    guess: float | None = None
    where: str = ""
    model: str = ""
    reference: float | None = None


@dataclass(frozen=True)
class Place:
    """A model's guessed and real place on the map."""

    model: str
    x: Interval
    y: Interval
    guess: tuple[float, float] | None

    @property
    def miss(self) -> float:
        """How far the guess lies from what came out, NaN where there is none."""
        if self.guess is None:
            return math.nan
        return math.hypot(self.guess[0] - self.x.value, self.guess[1] - self.y.value)


@dataclass(frozen=True)
class Outcome:
    """Sentences, conclusion first, and what the chart draws. `came_out` is the option that came
    out, empty where none did or none was offered; `is_single` that single trainings were looked
    at, which say nothing of the models yet."""

    told: tuple[Sentence, ...]
    marks: tuple[Mark, ...] = ()
    places: tuple[Place, ...] = ()
    came_out: str = ""
    unit: str = "AUC"
    is_single: bool = False


def size(interval: Interval) -> str:
    """`0.164 ± 0.012`, without sign; without the ± where it is not known."""
    value = abs(interval.value)
    return with_error(value, interval.half_width) if interval.is_known else f"{value:.3f}"


def signed(interval: Interval) -> str:
    """`+0.164 ± 0.012`."""
    return f"{'−' if interval.value < 0 else '+'}{size(interval)}"
