"""The task "train": one run, its events told as they come, its folder saved beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.sources import schema_of_source
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.jobs.context import Context
from recsys_demo.jobs.store import JobSpec
from recsys_demo.values import validated

RUN_FOLDER = "run"


def train_job(config: RunConfig) -> JobSpec:
    """The job that trains this configuration; equal configurations of equal files give the same
    job. Raises InputError if the files cannot be read."""
    content = config.data.content(config.split)
    return JobSpec(task="train", payload={"config": config.model_dump(mode="json"), **content})


def run_folder(job_folder: Path) -> Path:
    """Where a finished training job keeps its run."""
    return job_folder / RUN_FOLDER


def warm_up() -> None:
    """Train a few steps on the sample set, so that the first real run finds everything loaded, also
    what its end asks of the data: a model with crosses, and one without, read what all the others
    do."""
    from recsys_demo.training.datasets import run_data
    from recsys_demo.training.experiment import data_summary, train_run

    crosses = default_crosses(schema_of_source(SampleSpec()))
    for preset in ("wide_deep", "deepfm"):
        config = RunConfig(
            data=SampleSpec(),
            split=SplitConfig(kind="column"),
            model=with_crosses(PRESETS[preset].model, crosses),
        )
        next(train_run(config))
    data_summary(run_data(config))


def train(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """Train `payload["config"]`; the last event has type `result` and the run's metrics."""
    # Here and not above: the server makes jobs without ever importing torch.
    from recsys_demo.training.experiment import train_run
    from recsys_demo.training.runs import save_run

    config = validated(RunConfig, payload["config"], "job")
    yield {"type": "preparing"}
    training = train_run(
        config,
        control=context.check,
        heed_cancel=context.heed_cancel,
        watched=lambda: context.is_stepping,
    )
    while True:
        try:
            yield asdict(next(training))
        except StopIteration as end:
            run = end.value
            break
    save_run(run, run_folder(context.folder))
    yield {"type": "result", **run.result}
