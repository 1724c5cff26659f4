"""Sweeps as jobs of the pages: one run on a worker of this server, or many on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_demo.config.run import RunConfig
from recsys_demo.jobs.cleaning import RECORDS
from recsys_demo.jobs.context import CancelledError
from recsys_demo.jobs.store import JobSpec
from recsys_demo.sweep.records import Records, without_name
from recsys_demo.values import validated

if TYPE_CHECKING:
    from recsys_demo.jobs.context import Context


def records_beside(jobs: Path) -> Records:
    """The records of a server, beside its folder of jobs."""
    return Records(jobs.parent / RECORDS)


def record_job(config: RunConfig, key: str) -> JobSpec:
    """The job that trains one run of a grid and keeps its record under this key."""
    payload = {"config": without_name(config).model_dump(mode="json"), "key": key}
    return JobSpec(task="record", payload=payload)


def record(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """Train `payload["config"]` to its end and keep its record."""
    from recsys_demo.sweep.training import train_record

    config = validated(RunConfig, payload["config"], "job")
    yield {"type": "preparing"}
    trained = train_record(config, payload["key"], control=lambda: _go_on(context))
    records_beside(context.folder.parent).put(trained)
    yield {"type": "result", "key": payload["key"]}


def sweep_job(configs: Sequence[RunConfig], executor: str) -> JobSpec:
    """The job that trains many runs of one log on a cluster. Raises InputError if its files cannot
    be read."""
    told = [without_name(config).model_dump(mode="json") for config in configs]
    content = configs[0].data.content(configs[0].split)
    return JobSpec(task="sweep", payload={"configs": told, "executor": executor, **content})


def sweep_on(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """Train `payload["configs"]` on `payload["executor"]`; stopping finishes what is begun."""
    from recsys_demo.sweep.driver import RunDone, RunFailed, RunFound, sweep
    from recsys_demo.sweep.places import place_at

    configs = [validated(RunConfig, content, "job") for content in payload["configs"]]
    records = records_beside(context.folder.parent)
    place = place_at(payload["executor"], records)
    try:
        for event in sweep(configs, records, place, control=context.check):
            yield {
                "type": event.type,
                "key": event.record.key if isinstance(event, RunFound | RunDone) else event.key,
                "message": event.message if isinstance(event, RunFailed) else "",
            }
        yield {"type": "result"}
    finally:
        place.close()


def _go_on(context: Context) -> bool:
    """Wait while paused. A run that is cut short must never be kept as a whole one."""
    if not context.check():
        raise CancelledError
    return True
