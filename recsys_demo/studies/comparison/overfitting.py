"""Train against test: how far each model has fitted its own rows, slice by slice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys_demo.evaluation.intervals import Interval, seed_interval
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.reports import SliceReport, overfitting
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.training.saved_run import SavedRun


@dataclass(frozen=True)
class Gap:
    """A model on a slice, means over seeds: the metric on training and on test rows, and how much
    further from its best value it is on test rows, with the interval of that over seeds (unknown
    for one)."""

    slice: str
    model: str
    train: float
    test: float
    gap: Interval


def gaps(models: Sequence[Contender], metric: str) -> list[Gap]:
    """Of every slice that has a value on both sides, from the reports saved with the runs."""
    found = []
    for model in models:
        of_runs = [_reports(run) for run in model.runs]
        differences = [overfitting(train, test, metric) for train, test in of_runs]
        for key in differences[0]:
            values = [one[key] for one in differences]
            if any(math.isnan(value) for value in values):
                continue
            train, test = (
                float(np.mean([reports[part][key].values[metric] for reports in of_runs]))
                for part in (0, 1)
            )
            found.append(Gap(key, model.key, train, test, seed_interval(values)))
    return found


def _reports(run: SavedRun) -> tuple[Mapping[str, SliceReport], Mapping[str, SliceReport]]:
    train, test = (
        {key: SliceReport.from_json(content) for key, content in run.result[part]["slices"].items()}
        for part in ("train", "test")
    )
    return train, test


def gap_frame(found: Sequence[Gap], models: Sequence[Contender], metric: str) -> pd.DataFrame:
    """One row per model and slice."""
    names = {model.key: model.name for model in models}
    return pd.DataFrame(
        [
            {
                "slice": gap.slice,
                "model": names[gap.model],
                "metric": METRICS[metric].label,
                "train": gap.train,
                "test": gap.test,
                "worse on test by": gap.gap.value,
                "low": gap.gap.low,
                "high": gap.gap.high,
            }
            for gap in found
        ]
    )
