"""How far a person is in a lesson: one small value that travels in the link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from recsys_demo.values import Frozen

MOST_PREDICTIONS = 60
Key = Annotated[str, Field(pattern="^[a-z0-9_]{1,40}$")]
Confidence = Literal["guess", "think", "know"]
UNKNOWN = "unknown"  # the option "I don't know", offered with every question
Unit = Annotated[FiniteFloat, Field(ge=0, le=1)]


class Spot(Frozen):
    """Where a model's dot is expected on the map: AUC on never-seen pairs (x) and on pairs to be
    memorized (y)."""

    model: Annotated[str, Field(max_length=60)]
    x: Unit
    y: Unit


class Prediction(Frozen):
    """The committed answer to the question of a step: an option, a number or places on the map."""

    lesson: Key
    step: Key
    option: Annotated[str, Field(max_length=400)] = ""
    number: FiniteFloat | None = None
    spots: Annotated[tuple[Spot, ...], Field(max_length=8)] = ()
    sure: Confidence = "think"

    @property
    def is_unknown(self) -> bool:
        """Whether the person said that they do not know."""
        return self.option == UNKNOWN


def prediction(made: Iterable[Prediction], lesson: str, step: str) -> Prediction | None:
    """The answer given at this step, None before it is committed."""
    return next((one for one in made if (one.lesson, one.step) == (lesson, step)), None)


def committed(made: Sequence[Prediction], new: Prediction) -> tuple[Prediction, ...]:
    """These predictions with a new one. The first answer to a question counts: it stays."""
    if prediction(made, new.lesson, new.step) is not None:
        return tuple(made)
    return (*made, new)[-MOST_PREDICTIONS:]


def joined(made: Sequence[Prediction], other: Sequence[Prediction]) -> tuple[Prediction, ...]:
    """Both, the first answer to each question."""
    found = tuple(made)
    for one in other:
        found = committed(found, one)
    return found
