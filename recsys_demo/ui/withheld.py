"""What nobody sees yet: results that a lesson, or a link with `hide=results`, asks about first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import LessonFile
from recsys_demo.lessons.library import lesson_of
from recsys_demo.lessons.progress import Prediction, prediction
from recsys_demo.lessons.situation import Situation, withheld
from recsys_demo.ui.state import State

RESULTS, MODEL = "results", "model."
# A link without a lesson asks what is expected, once.
LINK, EXPECTED = "link", "expected"
TAKES_APART = "ablate"
RESULT_ROOMS = ("start", "train", "compare", "embeddings", "recommend", TAKES_APART)


def leading(state: State) -> LessonFile | None:
    """The lesson that leads; None for none, or for one that is not here."""
    return lesson_of(state.lesson_key)


def withheld_names(state: State) -> frozenset[str]:
    """Parts, rooms ("room.compare") and models ("model.lr") that are withheld."""
    names = frozenset[str]()
    if (file := leading(state)) is not None:
        names |= withheld(file.lesson, state.predictions, situation(state, ""))
    if RESULTS in state.hide and prediction(state.predictions, LINK, EXPECTED) is None:
        names |= {RESULTS}
    return names


def is_withheld(state: State, name: str) -> bool:
    """Whether this is withheld now. What the link hides as results is shown once predicted."""
    return name in withheld_names(state)


def is_room_withheld(state: State, room: str) -> bool:
    """Whether a room shows nothing yet. One that trains parts of every model would tell of a model
    that is withheld, whatever it calls it."""
    names = withheld_names(state)
    if room == TAKES_APART and any(name.startswith(MODEL) for name in names):
        return True
    return f"room.{room}" in names or (RESULTS in names and room in RESULT_ROOMS)


def is_model_withheld(state: State, model: str) -> bool:
    """Whether nothing is told of a model, not even what this tab remembers of it."""
    return not withheld_names(state).isdisjoint((RESULTS, MODEL + model))


def is_job_withheld(state: State, task: str, payload: Mapping[str, Any]) -> bool:
    """Whether nobody is told of a job, whoever has begun it."""
    names = withheld_names(state)
    if not names:
        return False
    if RESULTS in names or task in names:
        return True
    return any(MODEL + model in names for model in _models_in(payload))


def _models_in(content: Any) -> Iterator[str]:
    """The names of all models that a job trains, wherever its payload has them."""
    if isinstance(content, Mapping):
        model = content.get("model")
        if isinstance(model, Mapping):
            yield str(model.get("name"))
        content = tuple(content.values())
    if isinstance(content, Sequence) and not isinstance(content, str):
        for part in content:
            yield from _models_in(part)


def expected(text: str) -> Prediction:
    """What a person expects of a link that hides its results."""
    return Prediction(lesson=LINK, step=EXPECTED, option=text[:400])


def situation(state: State, room: str, **found: Any) -> Situation:
    """The state as far as lessons ask about it."""
    exceptions = state.data.world.exceptions if isinstance(state.data, SampleSpec) else None
    return Situation(
        room,
        controls=dict(state.controls),
        exceptions=exceptions,
        seeds=state.seeds,
        **found,
    )
