"""Where the models of a state stand on the map, and the paths they came by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from recsys_demo.charts.dots import Dot, waiting
from recsys_demo.charts.paths import Place
from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.ui import models
from recsys_demo.ui.models import Training

TEST_ROWS = "test rows"
NEVER = "never"


def by_model(wanted: Sequence[Training]) -> list[list[Training]]:
    """The trainings of each model, one per seed."""
    found: dict[RunConfig, list[Training]] = {}
    for training in wanted:
        found.setdefault(training.config.model_copy(update={"seed": 0}), []).append(training)
    return list(found.values())


def mean(own: Sequence[Training], slice_: str) -> float:
    """Test AUC of a model, mean over its finished seeds; NaN if there is none."""
    tests = [t.job.result["test"] for t in own if t.job is not None and t.job.result is not None]
    return seed_interval([models.slice_value(test, slice_) for test in tests]).value


def dots(wanted: Sequence[Training], memory: str) -> list[Dot]:
    """A dot per model: the mean of its finished runs on test rows, else where the validation rows
    of its last report have it, else waiting. `memory` is the slice to be memorized."""
    return [_dot(own, memory, place) for place, own in enumerate(by_model(wanted))]


def path(training: Training, memory: str) -> tuple[Place, ...]:
    """Where each report of a training had it, on validation rows; what has no place is left out."""
    reports = training.job.of_type("epoch") if training.job is not None else []
    places = (_place(report["valid"], memory) for report in reports)
    return tuple(place for place in places if all(map(math.isfinite, place)))


def _dot(own: Sequence[Training], memory: str, place: int) -> Dot:
    first = own[0]
    came_by = path(first, memory)
    done = [t for t in own if t.job is not None and t.job.result is not None]
    if done:
        x, y = mean(done, NEVER), mean(done, memory)
        return Dot(first.model, x, y, note=TEST_ROWS, key=done[0].job_id, path=came_by)
    if not came_by:
        return waiting(first.model, first.job_id, place)
    (x, y), before = came_by[-1], came_by[:-1]
    note = f"validation rows, epoch {len(came_by)}"
    return Dot(first.model, x, y, note=note, key=first.job_id, path=before or ((x, y),))


def _place(valid: Mapping[str, Any], memory: str) -> Place:
    x, y = (_number(valid.get(key, {}).get("auc")) for key in (NEVER, memory))
    return x, y


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
