"""What a worker does: train one run, and send back or keep its results and logits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from recsys_demo.config.run import RunConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.errors import LabError
from recsys_demo.evaluation.reports import evaluate
from recsys_demo.evaluation.slices import Slice, swept_slices
from recsys_demo.models.ranker import score
from recsys_demo.sweep.package import Package, unpacked_source
from recsys_demo.sweep.records import PARTS, Record, Records, Rows, SweptRun
from recsys_demo.training.datasets import run_data
from recsys_demo.training.experiment import train_run, trained_run
from recsys_demo.training.runs import Run
from recsys_demo.training.trainer import Control
from recsys_demo.values import validated


def keep_record(config: dict[str, Any], key: str, folder: str) -> str:
    """Train one run and keep its record in the folder, in values that a worker process takes and
    gives. What was wrong with the run, empty if nothing."""
    try:
        Records(Path(folder)).put(train_record(validated(RunConfig, config, "run"), key))
    except LabError as error:
        return str(error)
    return ""


def train_record(
    config: RunConfig,
    key: str,
    package: Package | None = None,
    control: Control = lambda: True,
) -> SweptRun:
    """Train one run to its end; `control` may wait or raise. Data that came in a package are
    unpacked once per worker.

    Raises InputError for unusable data or settings and DivergedError for diverging training.
    """
    begin = time.perf_counter()
    # One thread everywhere, or sums would be taken in another order on another machine.
    torch.set_num_threads(1)
    here = (
        config if package is None else config.model_copy(update={"data": unpacked_source(package)})
    )
    run = trained_run(train_run(here, control))
    data = run_data(here)
    train = data.part("train")
    slices = {part: swept_slices(train, data.part(part)) for part in PARTS}
    rows = {part: _rows(run, data.part(part), slices[part]) for part in PARTS}
    return SweptRun(
        Record(
            key=key,
            config=config,
            result=dict(run.result) | {part: _reports(rows[part], slices[part]) for part in PARTS},
            base_rate=run.base_rate,
            seconds=time.perf_counter() - begin,
            slice_labels={s.key: s.label for s in slices["test"]},
        ),
        rows,
    )


def _rows(run: Run, rows: Interactions, slices: Sequence[Slice]) -> Rows:
    logits = score(run.ranker, run.encoder.encode(rows))
    return Rows(rows.labels.astype("uint8"), logits, {s.key: s.mask for s in slices})


def _reports(rows: Rows, slices: Sequence[Slice]) -> dict[str, Any]:
    """As `train --json` has them."""
    reports = evaluate(rows.labels, rows.logits, slices)
    told = {key: report.to_json() for key, report in reports.items()}
    return {**told["all"], "slices": told}
