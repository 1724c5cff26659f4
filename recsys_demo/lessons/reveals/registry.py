"""Every kind of reveal by its name: what it is computed by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recsys_demo.lessons.format import Lesson, MapQuestion, Step
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveal_kinds import (
    ApartReveal,
    AverageReveal,
    FunnelReveal,
    GapReveal,
    InventedReveal,
    KeptReveal,
    OvercrossReveal,
    PaperReveal,
    PenguinReveal,
    PlacesReveal,
    Reveal,
    SpreadReveal,
    WeightsReveal,
)
from recsys_demo.lessons.reveals import differences, fits, lists, vectors
from recsys_demo.lessons.reveals.outcomes import Material, Outcome

Compute = Callable[[Any, Prediction | None, Material], Outcome]
_COMPUTED: dict[type[Any], Compute] = {
    PlacesReveal: differences.places,
    ApartReveal: differences.apart,
    AverageReveal: differences.average,
    PenguinReveal: lists.penguin,
    GapReveal: fits.gap,
    OvercrossReveal: fits.overcross,
    WeightsReveal: fits.weights,
    PaperReveal: fits.paper,
    SpreadReveal: fits.spread,
    FunnelReveal: lists.funnel,
    KeptReveal: vectors.kept,
    InventedReveal: vectors.invented,
}


def outcome_of(reveal: Reveal, guess: Prediction | None, found: Material) -> Outcome:
    """What came out beside the guess. `found` has the models that it needs (its `needed`)."""
    return _COMPUTED[type(reveal)](reveal, guess, found)


def models_of(lesson: Lesson, step: Step) -> tuple[str, ...]:
    """The models that a step's reveal needs; for the map those that were asked about."""
    if step.reveal is None:
        return ()
    asked = lesson.step(step.of or step.key).question
    if isinstance(step.reveal, PlacesReveal) and isinstance(asked, MapQuestion):
        return asked.models
    return step.reveal.needed
