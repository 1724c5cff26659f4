"""The task "towers": two towers trained on the taken rows of a log, their numbers saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import Field

from recsys_demo.config.run import SEEDS
from recsys_demo.config.towers import TowersConfig
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.jobs.context import Context
from recsys_demo.jobs.store import JobSpec
from recsys_demo.values import Frozen, validated

FILE = "towers.safetensors"


class TowersPayload(Frozen):
    """The towers, and the rows of which log they learn."""

    data: DataSpec
    split: SplitConfig
    towers: TowersConfig = TowersConfig()
    seed: int = Field(0, ge=0, lt=SEEDS)
    content: str = Field("", max_length=32, description="of the files that the source names")


def towers_job(payload: TowersPayload) -> JobSpec:
    """The job that trains them. Raises InputError if the files cannot be read."""
    payload = payload.model_copy(update=payload.data.content(payload.split))
    return JobSpec(task="towers", payload=payload.model_dump(mode="json"))


def towers_file(job_folder: Path) -> Path:
    """Where a finished job keeps the numbers."""
    return job_folder / FILE


def towers_events(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """An event per epoch, then `result`; a stopped training keeps what it has. Raises InputError
    if there is nothing to learn from."""
    # Here and not above: the server makes jobs without ever importing torch.
    import torch
    from safetensors.numpy import save_file

    from recsys_demo.data.sources import load
    from recsys_demo.training.towers import TwoTowers, arrays_of, train_towers

    wanted = validated(TowersPayload, payload, "job")
    torch.set_num_threads(1)
    yield {"type": "preparing"}
    train = load(wanted.data, wanted.split).train
    towers = TwoTowers.of_rows(train, wanted.towers, wanted.seed)
    for epoch in train_towers(towers, train, wanted.towers, wanted.seed):
        yield {"type": "epoch", **asdict(epoch)}
        if not context.check():
            break
    save_file(arrays_of(towers), towers_file(context.folder))
    yield {"type": "result"}
