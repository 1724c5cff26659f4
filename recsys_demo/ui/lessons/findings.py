"""What a reveal is computed from here: the state's finished runs, computed once for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from recsys_demo.jobs.overcross_task import OvercrossPayload, overcross_job
from recsys_demo.jobs.watch import JobView
from recsys_demo.lessons.format import Lesson, Step
from recsys_demo.lessons.progress import Prediction
from recsys_demo.lessons.reveal_kinds import OvercrossReveal, Reveal
from recsys_demo.lessons.reveals.outcomes import Material, Outcome
from recsys_demo.lessons.reveals.registry import models_of, outcome_of
from recsys_demo.lessons.situation import Situation
from recsys_demo.studies.crosses.suggestions import finest_item_field
from recsys_demo.ui import datasets, jobs, models, room_choices
from recsys_demo.ui.compare import measurements
from recsys_demo.ui.compare.measurements import Comparison
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.crosses import counts
from recsys_demo.ui.crosses.choices import CONTROL, CrossesChoices
from recsys_demo.ui.state import State
from recsys_demo.ui.withheld import situation

Points = tuple[tuple[tuple[str, object], ...], ...]


def situation_now(state: State, room: str) -> Situation:
    """What the step that is open is judged by."""
    wanted = models.trainings(state)
    finished = Counter(training.model for training in wanted if training.is_done)
    crosses = tuple(state.active_crosses(()))
    done = room == "crosses" and is_overcrossed(state)
    return situation(state, room, finished=dict(finished), crosses=crosses, overcrossed=done)


def missing(lesson: Lesson, step: Step, state: State) -> list[str]:
    """Models that the step's reveal needs and nobody has trained for this state, with as many seeds
    as the step asks for."""
    finished = Counter(one.model for one in models.trainings(state) if one.is_done)
    return [name for name in models_of(lesson, step) if finished[name] < seeds_of(step)]


def seeds_of(step: Step) -> int:
    """How many finished runs of each model a step is about."""
    return 1 if step.done is None else step.done.seeds


def at_work(names: Collection[str], state: State) -> list[str]:
    """Which of these models are being trained, or wait for it."""
    busy = {training.model for training in models.trainings(state) if training.is_busy}
    return [name for name in names if name in busy]


def is_overcrossed(state: State) -> bool:
    """Whether the overcross demonstration of this state is done."""
    return bool(_points(state))


def is_overcrossing(state: State) -> bool:
    """Whether the overcross demonstration of this state is running."""
    job = _overcross(state)
    return job is not None and not job.status.has_ended


def outcome(lesson: Lesson, step: Step, guess: Prediction | None, state: State) -> Outcome:
    """What came out. The models it needs are trained (`missing`). Raises InputError."""
    assert step.reveal is not None  # only such steps reveal
    found = measurements.comparison_of(state, models.trainings(state))
    wanted = models_of(lesson, step)
    points = _points(state) if isinstance(step.reveal, OvercrossReveal) else ()
    key = (step.reveal, guess, wanted, found.key, found.data.fingerprint, points)
    return _outcome(key, step.reveal, guess, wanted, found, points)


@by_key(60, "Looking at your runs ...")
def _outcome(
    reveal: Reveal,
    guess: Prediction | None,
    wanted: tuple[str, ...],
    found: Comparison,
    points: Points,
) -> Outcome:
    first = {one.model: one for one in reversed(found.models)}
    material = Material(
        found.data,
        measurements.slices(found.data),
        {name: first[name] for name in wanted},
        [dict(point) for point in points],
    )
    return outcome_of(reveal, guess, material)


def _points(state: State) -> Points:
    """What the overcross demonstration of this state has told, once it is done."""
    job = _overcross(state)
    if job is None or job.result is None:
        return ()
    return tuple(tuple(sorted(point.items())) for point in job.of_type("point"))


def _overcross(state: State) -> JobView | None:
    """The overcross demonstration of this state, None if nobody has begun it."""
    data = datasets.dataset(state)
    cross = finest_item_field(data.schema, counts.log_codes_of(data.fingerprint, data).encoder)
    if cross is None:
        return None
    choices = room_choices.chosen(state, CONTROL, CrossesChoices).now
    split = state.split_for(data.schema.split is not None)
    payload = OvercrossPayload(data=state.data, split=split, cross=cross, l1=choices.l1)
    return jobs.view(overcross_job(payload).id)
