"""Every kind of reveal by its name: what it is computed by, and which models it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recsys_demo.lessons.format import (
    Apart,
    Average,
    FunnelReveal,
    GapReveal,
    KeptReveal,
    Lesson,
    MapQuestion,
    OvercrossReveal,
    PaperReveal,
    PenguinReveal,
    Places,
    Reveal,
    SpreadReveal,
    Step,
    WeightsReveal,
)
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveals import differences, fits, lists
from recsys_demo.lessons.reveals.revealed import Material, Revealed

Compute = Callable[[Any, Prediction | None, Material], Revealed]
_COMPUTED: dict[type[Any], Compute] = {
    Places: differences.places,
    Apart: differences.apart,
    Average: differences.average,
    PenguinReveal: lists.penguin,
    GapReveal: fits.gap,
    OvercrossReveal: fits.overcross,
    WeightsReveal: fits.weights,
    PaperReveal: fits.paper,
    SpreadReveal: fits.spread,
    FunnelReveal: lists.funnel,
    KeptReveal: fits.kept,
}


def revealed(reveal: Reveal, guess: Prediction | None, found: Material) -> Revealed:
    """What came out beside the guess. `found` has the models that it needs (`needed`)."""
    return _COMPUTED[type(reveal)](reveal, guess, found)


def needed(reveal: Reveal) -> tuple[str, ...]:
    """The models whose finished runs a reveal is computed from."""
    if isinstance(reveal, Apart | WeightsReveal):
        return reveal.a, reveal.b
    if isinstance(reveal, Average):
        return reveal.whole, *reveal.parts
    if isinstance(reveal, PenguinReveal | FunnelReveal):
        return reveal.models
    if isinstance(reveal, GapReveal | SpreadReveal | KeptReveal):
        return (reveal.model,)
    return ()


def models_of(lesson: Lesson, step: Step) -> tuple[str, ...]:
    """The models that a step's reveal needs; for the map those that were asked about."""
    if step.reveal is None:
        return ()
    asked = lesson.step(step.of or step.key).question
    if isinstance(step.reveal, Places) and isinstance(asked, MapQuestion):
        return asked.models
    return needed(step.reveal)
