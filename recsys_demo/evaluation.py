"""Metrics of a model's predictions on every slice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys_demo.metrics import METRICS
from recsys_demo.slices import Slice


@dataclass(frozen=True)
class SliceReport:
    """A slice's rows, positives and metric values; NaN where a metric means nothing there."""

    rows: int
    positives: int
    values: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Plain values, null for NaN."""
        values = {k: None if math.isnan(v) else v for k, v in self.values.items()}
        return {"rows": self.rows, "positives": self.positives, **values}


def evaluate(
    labels: npt.NDArray[Any],
    logits: npt.NDArray[np.float64],
    slices: Iterable[Slice],
    metrics: Sequence[str] = tuple(METRICS),
) -> dict[str, SliceReport]:
    """The metrics named, for every slice, from labels [n] and logits [n]."""
    return {s.key: slice_report(labels[s.mask], logits[s.mask], metrics) for s in slices}


def slice_report(
    labels: npt.NDArray[Any], logits: npt.NDArray[np.float64], metrics: Sequence[str]
) -> SliceReport:
    """The metrics named, over these rows."""
    positives = int(labels.sum())
    values = {}
    for key in metrics:
        metric = METRICS[key]
        enough = 0 < positives < len(labels) if metric.needs_both_classes else len(labels) > 0
        values[key] = metric.compute(labels, logits) if enough else math.nan
    return SliceReport(len(labels), positives, values)
