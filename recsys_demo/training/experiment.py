"""From one configuration to one run: load, split, encode, train, evaluate.

The command line, the pages' workers and sweeps all train through `train_run`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from recsys_demo.config.run import RunConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.specs import PARTS
from recsys_demo.evaluation.metrics import EPOCH_METRICS
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import Slice
from recsys_demo.features.encoder import Encoded
from recsys_demo.models.ranker import Ranker
from recsys_demo.training.boosting import trainer_class
from recsys_demo.training.datasets import RunData, features_of, run_data
from recsys_demo.training.results import DataSummary, TrainingSetup, run_of
from recsys_demo.training.runs import Run
from recsys_demo.training.trainer import Control, EpochReport, Event, Finished, Trainer, Watched


def training_setup(
    config: RunConfig, control: Control = lambda: True, threads: int = 1
) -> TrainingSetup:
    """Load, encode and build; whoever wants to watch the weights reads them between the events of
    the trainer. Raises InputError for unusable data or settings."""
    torch.set_num_threads(threads)
    return _setup_of(config, run_data(config), control, lambda: None)


def _setup_of(
    config: RunConfig, data: RunData, control: Control, heed_cancel: Callable[[], None]
) -> TrainingSetup:
    read = features_of(data, config.model, heed_cancel)
    heed_cancel()
    base_rate = data.dataset.train.base_rate
    ranker = Ranker(config.model, read.encoder, config.seed, base_rate)
    valid, slices = data.part("valid"), data.slices("valid")
    trainer = make_trainer(config, ranker, read.encoded, valid, slices, control)
    return TrainingSetup(config, read.encoder, base_rate, trainer, read.encoded)


def train_run(
    config: RunConfig,
    control: Control = lambda: True,
    threads: int = 1,
    watched: Watched = lambda: False,
    heed_cancel: Callable[[], None] = lambda: None,
) -> Generator[Event, None, Run]:
    """Train one run; yields the training's events and returns the run. `heed_cancel` is called
    between the stages before the first step, and raises to end it.

    One thread is fastest for the small networks of the lab, and several may give other last digits.
    Raises InputError for unusable data or settings and DivergedError for diverging training.
    """
    torch.set_num_threads(threads)
    data = run_data(config)
    setup = _setup_of(config, data, control, heed_cancel)
    setup.trainer.watched = watched
    finished, history = yield from watch(setup.trainer)
    return run_of(setup, data_summary(data), finished, history)


def trained_run(
    training: Generator[Event, None, Run], heard: Callable[[Event], None] = lambda event: None
) -> Run:
    """The run of a training that goes on to its end; `heard` is told of every event."""
    while True:
        try:
            heard(next(training))
        except StopIteration as end:
            run: Run = end.value
            return run


def watch(
    trainer: Trainer,
) -> Generator[Event, None, tuple[Finished, list[dict[str, Any]]]]:
    """Train to the end, handing every event on; returns the last one, and the run's history."""
    history: list[dict[str, Any]] = []
    finished: Finished | None = None
    for event in trainer.events():
        history.append(_flat(event))
        if isinstance(event, Finished):
            finished = event
        yield event
    assert finished is not None  # the trainer's last event
    return finished, history


def data_summary(data: RunData) -> DataSummary:
    """What every run on these data keeps of them; made once, at the end of the first."""
    dataset = data.dataset
    return DataSummary(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        withheld=dataset.withheld,
        labels={name: data.part(name).labels for name in PARTS},
        slices={name: data.slices(name) for name in PARTS},
        popularity=data.popularity,
        items=dataset.train.items,
        people=data.people,
        test_rows=dataset.test.rows,
        notes=dataset.report.notes,
    )


def make_trainer(
    config: RunConfig,
    ranker: Ranker,
    encoded: Mapping[str, Encoded],
    valid: Interactions,
    slices: Sequence[Slice],
    control: Control,
) -> Trainer:
    """The trainer of a configuration, validated by the metrics of an epoch."""

    def validate(logits: npt.NDArray[np.float64]) -> Mapping[str, Mapping[str, float]]:
        reports = evaluate(valid.labels, logits, slices, EPOCH_METRICS)
        return {key: report.values for key, report in reports.items()}

    def progressive(
        labels: npt.NDArray[np.float32], logits: npt.NDArray[np.float64]
    ) -> Mapping[str, float]:
        everything = Slice("all", "all rows", np.ones(len(labels), dtype=bool))
        return evaluate(labels, logits, [everything], EPOCH_METRICS)["all"].values

    return trainer_class(config.model)(
        ranker=ranker,
        train=encoded["train"],
        valid=encoded["valid"],
        config=config.training,
        seed=config.seed,
        validate=validate,
        progressive=progressive,
        control=control,
    )


def _flat(event: Event) -> dict[str, Any]:
    """An event as one row of the history: `valid.all.auc` and so on."""
    row = {key: value for key, value in asdict(event).items() if not isinstance(value, Mapping)}
    if isinstance(event, EpochReport):
        row |= {f"train.{key}": value for key, value in event.train.items()}
        for slice_, values in event.valid.items():
            row |= {f"valid.{slice_}.{key}": value for key, value in values.items()}
    return row
