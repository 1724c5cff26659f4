"""The task "overcross": a linear model trained without and with one cross, its losses told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pydantic import Field

from recsys_demo.data.sources import load
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.jobs.context import Context
from recsys_demo.jobs.store import JobSpec
from recsys_demo.values import Frozen, validated


class OvercrossPayload(Frozen):
    """Which cross, on the rows of which log, and how hard FTRL pulls weights to zero."""

    data: DataSpec
    split: SplitConfig
    cross: str = Field(max_length=500)
    l1: float = Field(0.0, ge=0, le=1_000)
    content: str = Field("", max_length=32, description="of the files that the source names")


def overcross_job(payload: OvercrossPayload) -> JobSpec:
    """The job that trains both models. Raises InputError if the files cannot be read."""
    payload = payload.model_copy(update=payload.data.content(payload.split))
    return JobSpec(task="overcross", payload=payload.model_dump(mode="json"))


def overcross_events(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """A `point` event (`overcross.Point`) per model and epoch, then `result`. Raises InputError if
    the cross is too large."""
    # Here and not above: the server makes jobs without ever importing torch.
    from recsys_demo.training.overcross import overcross

    wanted = validated(OvercrossPayload, payload, "job")
    data = load(wanted.data, wanted.split)
    for point in overcross(wanted.cross, data.train, data.test, l1=wanted.l1):
        yield {"type": "point", **asdict(point)}
        if not context.check():
            break
    yield {"type": "result"}
