"""What a lesson names and the lab must have: models, slices, rows of a paper, options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recsys_demo.config.model import ModelConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.errors import InputError, Problem, did_you_mean, excerpt, nearest
from recsys_demo.evaluation.papers import ONLINE, WD_ONLINE
from recsys_demo.lessons.format import Lesson, MapQuestion, OptionQuestion, Step
from recsys_demo.lessons.reveal_kinds import ApartReveal, GapReveal, InventedReveal, PaperReveal
from recsys_demo.values import validated

SLICES = ("all", "memory", "never", "rare", "medium", "frequent")


def reference_problems(lesson: Lesson, name: str) -> Iterator[Problem]:
    """Everything that is named and not there, step by step."""
    own = _own_models(lesson)
    for at, step in enumerate(lesson.steps):
        where = f"{name}, step {at + 1} ({step.key})"
        yield from _model_problems(step, where)
        for model in _named_models(step):
            if model not in PRESETS and model not in own:
                yield _unknown("model", model, {**PRESETS, **own}, where)
        for key in _named_slices(step):
            if key not in SLICES:
                yield _unknown("slice", key, dict.fromkeys(SLICES), where)
        yield from _option_problems(lesson, step, where)


def _own_models(lesson: Lesson) -> dict[str, object]:
    """Models that a step sets up, by their names."""
    every = [m for step in lesson.steps if step.setup for m in step.setup.models or ()]
    return {
        str(model["name"]): model
        for model in every
        if isinstance(model, Mapping) and "name" in model
    }


def _model_problems(step: Step, where: str) -> Iterator[Problem]:
    """What "Set this up" could not choose."""
    for model in (step.setup.models or ()) if step.setup else ():
        if isinstance(model, str):
            if model not in PRESETS:
                yield _unknown("model", model, PRESETS, where)
            continue
        try:
            validated(ModelConfig, model, f"{where}, setup")
        except InputError as error:
            yield from error.problems


def _named_models(step: Step) -> Iterator[str]:
    """Models that the step asks about, waits for, withholds, and reveals."""
    if isinstance(step.question, MapQuestion):
        yield from step.question.models
    if step.done is not None:
        yield from step.done.trained
    yield from (name.removeprefix("model.") for name in step.withholds if name.startswith("model."))
    if step.reveal is not None:
        yield from step.reveal.needed
    if isinstance(step.reveal, PaperReveal) and WD_ONLINE.number(step.reveal.model, ONLINE) is None:
        yield f"{step.reveal.model} in the paper"


def _named_slices(step: Step) -> Iterator[str]:
    if isinstance(step.reveal, ApartReveal | GapReveal):
        yield from step.reveal.slices
    if isinstance(step.reveal, ApartReveal):
        yield from (key for expected in step.reveal.expects.values() for key in expected)


def _option_problems(lesson: Lesson, step: Step, where: str) -> Iterator[Problem]:
    """What is told of options that the question does not offer."""
    told: Mapping[str, object] = {}
    if isinstance(step.reveal, ApartReveal):
        told = step.reveal.expects
    elif isinstance(step.reveal, InventedReveal):
        told = step.reveal.means
    asked = lesson.step(step.of or step.key).question
    offered = asked.options if isinstance(asked, OptionQuestion) else ()
    for option in told:
        if option not in offered:
            yield _unknown("option", option, dict.fromkeys(offered), where)


def _unknown(what: str, got: str, known: Mapping[str, object], where: str) -> Problem:
    near = nearest(got, known)
    return Problem(
        f"there is no such {what}",
        where,
        excerpt(got),
        f"one of {', '.join(list(known)[:12])}" if known else "no expectation",
        did_you_mean(near, "Correct the lesson file."),
    )
