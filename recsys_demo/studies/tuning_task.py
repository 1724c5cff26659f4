"""The task "tune": better settings of a state's models, looked for by one worker of the pages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from recsys_demo.config.run import RunConfig
from recsys_demo.jobs.store import JobSpec
from recsys_demo.values import Frozen, validated

if TYPE_CHECKING:
    from recsys_demo.jobs.context import Context
    from recsys_demo.studies.tuning import Tuning

SEEDS = 3  # trainings of each model at the end
SHARE_OF_TRIALS = 0.8  # of the bar: the runs at the end have the rest


class TunePayload(Frozen):
    """The models by name, and the minutes for all of them together."""

    models: dict[str, RunConfig] = Field(min_length=1, max_length=12)
    minutes: int = Field(2, ge=1, le=60)
    content: str = Field("", max_length=32, description="of the files that the source names")


def tune_job(models: Mapping[str, RunConfig], minutes: int) -> JobSpec:
    """The job that tunes these models. Raises InputError if the files cannot be read."""
    first = next(iter(models.values()))
    payload = TunePayload(models=dict(models), minutes=minutes)
    payload = payload.model_copy(update=first.data.content(first.split))
    return JobSpec(task="tune", payload=payload.model_dump(mode="json"))


def tune(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """Progress events, then `tuned` and `result`. Stopping ends the trials early and goes on with
    what they found; cancelling keeps the trials for the next time."""
    wanted = validated(TunePayload, payload, "job")
    best: dict[str, RunConfig] = {}
    for name in wanted.models:
        yield from _trials(wanted, name, best, context)
    yield from _finals(wanted, best, context)


def _trials(
    wanted: TunePayload, name: str, best: dict[str, RunConfig], context: Context
) -> Iterator[dict[str, Any]]:
    from recsys_demo.sweep.trials import prepared_study, standing, tries

    config, place = wanted.models[name], len(best)
    found = standing(config, prepared_study(context.folder, config))
    whole = wanted.minutes * 60 / len(wanted.models)
    begin, left = time.monotonic(), whole - found.seconds
    yield _progress(place / len(wanted.models), f"{name}: first trial")
    for found in tries(config, context.folder, max(left, 0.0), context.check):
        gone = min((time.monotonic() - begin) / whole, 1.0)
        told = "" if found.auc is None else f", best validation AUC {found.auc:.4f}"
        share = (place + gone) / len(wanted.models)
        yield _progress(share, f"{name}: {found.finished + found.given_up} trials{told}")
    best[name] = found.best


def _finals(
    wanted: TunePayload, best: Mapping[str, RunConfig], context: Context
) -> Iterator[dict[str, Any]]:
    from recsys_demo.studies.ablation.outcomes import Reader
    from recsys_demo.studies.tuning import final_grid, tuning_of
    from recsys_demo.sweep.job import records_beside
    from recsys_demo.sweep.records import record_key, without_name
    from recsys_demo.sweep.training import train_record

    first = next(iter(wanted.models.values())).seed
    grid = final_grid(wanted.models, best, range(first, first + SEEDS))
    records, configs = records_beside(context.folder.parent), grid.configs()
    for number, config in enumerate(configs):
        share = SHARE_OF_TRIALS + (1 - SHARE_OF_TRIALS) * number / len(configs)
        yield {"type": "progress", "fraction": share, "message": "training what was found"}
        context.heed_cancel()
        key = record_key(config)
        if key not in records:
            records.put(train_record(without_name(config), key))
    tuning = tuning_of(grid, Reader(records).outcomes(grid))
    assert tuning is not None  # every run of the grid is kept
    yield _told(tuning)
    yield {"type": "result"}


def _progress(share: float, message: str) -> dict[str, Any]:
    return {"type": "progress", "fraction": SHARE_OF_TRIALS * share, "message": message}


def _told(tuning: Tuning) -> dict[str, Any]:
    """The event `tuned`: rows, the sentence, and the configuration that was chosen."""
    return {
        "type": "tuned",
        "rows": [
            {
                "model": row.key,
                "valid": [row.valid.value, row.valid.half_width],
                "test": [row.test.value, row.test.half_width],
            }
            for row in tuning.rows
        ],
        "sentence": tuning.sentence,
        "chosen": tuning.chosen.key,
        "config": tuning.chosen.config.model_dump(mode="json"),
    }
