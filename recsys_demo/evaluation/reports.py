"""Metrics of a model's predictions on every slice."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.slices import Slice


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

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """What `to_json` wrote. A metric that was not known when it was written is NaN; other keys
        are passed over."""
        given = {key: content.get(key) for key in METRICS}
        values = {k: math.nan if v is None else float(v) for k, v in given.items()}
        return cls(int(content["rows"]), int(content["positives"]), values)


def evaluate(
    labels: npt.NDArray[Any],
    logits: npt.NDArray[np.float64],
    slices: Iterable[Slice],
    metrics: Sequence[str] | None = None,
) -> dict[str, SliceReport]:
    """The metrics named, or all, for every slice, from labels [n] and logits [n]."""
    names = list(METRICS) if metrics is None else metrics
    return {s.key: slice_report(labels[s.mask], logits[s.mask], names) for s in slices}


def slice_report(
    labels: npt.NDArray[Any], logits: npt.NDArray[np.float64], metrics: Sequence[str]
) -> SliceReport:
    """The metrics named, over these rows."""
    values = {key: METRICS[key].value(labels, logits) for key in metrics}
    return SliceReport(len(labels), int(labels.sum()), values)


def overfitting(
    train: Mapping[str, SliceReport], test: Mapping[str, SliceReport], metric: str
) -> dict[str, float]:
    """Per slice, how much further from its best value a metric is on test than on train rows.

    Above 0: the model is worse on rows it has not learned from. NaN where either side has no
    value: training rows are in no never-seen slice, each has seen at least itself.
    """
    shortfall = METRICS[metric].shortfall
    return {
        key: shortfall(report.values[metric]) - shortfall(train[key].values[metric])
        for key, report in test.items()
        if key in train
    }
