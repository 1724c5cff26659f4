"""What a worker does: train one run and send back its results and logits."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import torch

from recsys_demo.experiment import Prepared, prepare, train_run
from recsys_demo.experiment_config import RunConfig
from recsys_demo.ranker import score
from recsys_demo.runs import Run
from recsys_demo.sweep.package import Package, unpacked
from recsys_demo.sweep.records import PARTS, Record, Rows, Trained
from recsys_demo.training import Control

NICENESS = 10


def start_worker() -> None:
    """Make a fresh process a worker: one thread, and behind everybody who waits for a page."""
    torch.set_num_threads(1)
    with suppress(OSError, AttributeError):  # Windows has no niceness
        os.nice(NICENESS)


def train_record(
    config: RunConfig,
    key: str,
    package: Package | None = None,
    control: Control = lambda: True,
) -> Trained:
    """Train one run to its end; `control` may wait or raise. Data that came in a package are
    unpacked once per worker.

    Raises InputError for unusable data or settings and DivergedError for diverging training.
    """
    begin = time.perf_counter()
    # One thread everywhere, or sums would be taken in another order on another machine.
    torch.set_num_threads(1)
    here = config if package is None else config.model_copy(update={"data": unpacked(package)})
    run = trained_run(here, control)
    prepared = prepare(here)
    rows = {part: _rows(run, prepared, part) for part in PARTS}
    return Trained(
        Record(
            key=key,
            config=config,
            result=dict(run.result),
            base_rate=run.base_rate,
            seconds=time.perf_counter() - begin,
            slice_labels={s.key: s.label for s in prepared.slices["test"]},
        ),
        rows,
    )


def trained_run(config: RunConfig, control: Control = lambda: True) -> Run:
    """Train to the end."""
    training = train_run(config, control)
    while True:
        try:
            next(training)
        except StopIteration as end:
            run: Run = end.value
            return run


def _rows(run: Run, prepared: Prepared, part: str) -> Rows:
    rows = prepared.part(part)
    logits = score(run.ranker, run.encoder.encode(rows))
    slices = {s.key: s.mask for s in prepared.slices[part]}
    return Rows(rows.labels.astype("uint8"), logits, slices)
