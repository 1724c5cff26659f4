"""Metrics of predictions; scikit-learn computes what it has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.special import expit, xlogy
from sklearn.metrics import average_precision_score, roc_auc_score

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.integer] | npt.NDArray[np.floating]
Logits = Floats
Weights = npt.NDArray[np.integer] | npt.NDArray[np.floating]
CALIBRATION_BINS = 20


class Compute(Protocol):
    """Labels [n] of 0 and 1, logits [n] and optionally a weight >= 0 per row [n] to a number."""

    def __call__(self, labels: Labels, logits: Logits, weights: Weights | None = None) -> float: ...


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    A row of weight 2 counts like two rows. `best` is the value of a perfect model; calibration,
    whose best value lies inside its range, is better the nearer it comes. `bigger_is_better` is
    the direction in which a chart should grow, None where there is none.
    """

    key: str
    label: str
    bigger_is_better: bool | None
    needs_both_classes: bool
    best: float
    help: str
    compute: Compute

    def value(self, labels: Labels, logits: Logits, weights: Weights | None = None) -> float:
        """The metric, or NaN where it means nothing: no rows, or one class where two are needed."""
        if weights is not None and not np.all(weights > 0):
            kept = np.flatnonzero(weights)
            labels, logits, weights = labels[kept], logits[kept], weights[kept]
        positives = int(np.count_nonzero(labels))
        enough = 0 < positives < len(labels) if self.needs_both_classes else len(labels) > 0
        return self.compute(labels, logits, weights) if enough else math.nan

    def shortfall(self, value: float) -> float:
        """How far a value is from the best one: smaller is better for every metric."""
        return abs(value - self.best)


def auc(labels: Labels, logits: Logits, weights: Weights | None = None) -> float:
    """Area under the ROC curve: how often a positive row is ranked above a negative one."""
    if weights is None and np.isfinite(logits).all():
        return _area_by_counting(labels, logits)
    return float(roc_auc_score(labels, logits, sample_weight=weights))


def _area_by_counting(labels: Labels, logits: Logits) -> float:
    """The AUC of Mann and Whitney (1947), ties counted half, in whole numbers until the end.

    Two sorts of plain numbers take a sixth of the time of scikit-learn's curve; every epoch of
    every training asks for it.
    """
    short = _short(logits)
    positive = np.sort(short[labels > 0])
    negative = np.sort(short[labels <= 0])
    below = int(np.searchsorted(negative, positive, side="left").sum())
    not_above = int(np.searchsorted(negative, positive, side="right").sum())
    return (below + not_above) / (2 * len(positive) * len(negative))


def pr_auc(labels: Labels, logits: Logits, weights: Weights | None = None) -> float:
    """Average precision: the area under the precision-recall curve as a step function."""
    if weights is None and np.isfinite(logits).all():
        return _precision_by_counting(labels, logits)
    return float(average_precision_score(labels, logits, sample_weight=weights))


def _precision_by_counting(labels: Labels, logits: Logits) -> float:
    """The sum of scikit-learn, to the last digit, without the questions it asks of its arguments:
    they took half the time of a small training, which asks for it on every slice."""
    rising = np.argsort(logits)
    thresholds = np.flatnonzero(np.diff(logits[rising], prepend=-np.inf))
    found = np.cumsum(labels[rising[::-1]] > 0)[::-1][thresholds]
    lost = np.diff(found / found[0], append=0.0)  # of the recall, from each threshold to the next
    return max(0.0, -float(np.sum(lost * (found / (len(labels) - thresholds)))))


def _short(logits: Logits) -> npt.NDArray[np.floating]:
    """The same numbers in half the room, where they fit into it, as a model's own do: they sort
    twice as fast."""
    with np.errstate(over="ignore"):
        short = logits.astype(np.float32)
    return short if np.array_equal(short, logits) else logits


def row_losses(labels: Labels, logits: Logits) -> Floats:
    """-log p(label) per row, [n].

    log(1 + exp(-x)) with x the logit of what happened: exact also where p rounds to 0 or 1, and
    where the two terms of the usual log(1 + exp(logit)) - label * logit would cancel.
    """
    x = np.where(labels > 0, -logits, logits)
    # numpy has vector instructions for these three, and none for logaddexp.
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def log_loss(labels: Labels, logits: Logits, weights: Weights | None = None) -> float:
    """Mean of -log p(label), from the logits."""
    return float(np.average(row_losses(labels, logits), weights=weights))


def entropy(rate: float) -> float:
    """Log loss of always predicting this base rate, when it is right."""
    return -float(xlogy(rate, rate) + xlogy(1 - rate, 1 - rate))


def normalized_entropy(labels: Labels, logits: Logits, weights: Weights | None = None) -> float:
    """Log loss over the entropy of the rows' own base rate (He et al. 2014): 1 = no better than
    always predicting the base rate."""
    rate = float(np.average(labels, weights=weights))
    return log_loss(labels, logits, weights) / entropy(rate)


def calibration_ratio(labels: Labels, logits: Logits, weights: Weights | None = None) -> float:
    """Mean prediction over base rate."""
    return float(np.average(expit(logits), weights=weights) / np.average(labels, weights=weights))


def expected_calibration_error(
    labels: Labels, logits: Logits, weights: Weights | None = None
) -> float:
    """Mean gap between prediction and install rate over bins, weighted by their rows (ECE of
    Naeini et al. 2015, with bins of equal mass).

    Rows with equal predictions stay in one bin, so the order of the rows does not matter.
    """
    bins = equal_mass_bins(logits, CALIBRATION_BINS, weights)
    gap = expit(logits) - labels
    gaps = np.bincount(bins, weights=gap if weights is None else weights * gap)
    return float(np.abs(gaps).sum() / (len(labels) if weights is None else np.sum(weights)))


def perfect_calibration_error(logits: Logits, draws: int = 50, seed: int = 0) -> float:
    """The calibration error that perfect calibration is expected to score on as many rows: the
    mean over labels drawn by these very predictions. It is above 0, as bins of few rows never come
    out even."""
    bins = equal_mass_bins(logits, CALIBRATION_BINS)
    predicted = expit(logits)
    rng = np.random.default_rng(seed)
    gaps = [
        np.abs(np.bincount(bins, weights=predicted - (rng.random(len(logits)) < predicted))).sum()
        for _ in range(draws)
    ]
    return float(np.mean(gaps) / len(logits))


def equal_mass_bins(
    logits: Logits, bins: int, weights: Weights | None = None
) -> npt.NDArray[np.int64]:
    """The bin of each row, [n] from 0, in the order of the predictions and of about equal mass.

    A run of equal predictions goes as a whole where its middle belongs; a bin may stay empty.
    """
    if weights is None:
        values, of_group = np.unique(_short(logits), return_counts=True)
    else:
        values, group = np.unique(logits, return_inverse=True)
        of_group = np.bincount(group, weights=weights)
    mass = len(logits) if weights is None else np.sum(weights)
    middle = np.cumsum(of_group) - of_group / 2
    of_bin = np.minimum((middle / mass * bins).astype(np.int64), bins - 1)
    starts = np.flatnonzero(np.diff(of_bin)) + 1
    at = np.searchsorted(values[starts], logits, side="right")
    return np.asarray(np.append(of_bin[:1], of_bin[starts])[at])


_ALL = (
    Metric(
        "auc",
        "AUC",
        True,
        True,
        1.0,
        "How often a row that was installed is ranked above one that was not: 0.5 is chance.",
        auc,
    ),
    Metric(
        "logloss",
        "log loss",
        False,
        False,
        0.0,
        "Mean surprise at what happened; it punishes confident mistakes most.",
        log_loss,
    ),
    Metric(
        "pr_auc",
        "PR AUC",
        True,
        True,
        1.0,
        "Average precision over all thresholds; chance is the base rate.",
        pr_auc,
    ),
    Metric(
        "normalized_entropy",
        "normalized entropy",
        False,
        True,
        0.0,
        "Log loss over that of always predicting the base rate: below 1 is better than that.",
        normalized_entropy,
    ),
    Metric(
        "calibration",
        "calibration",
        None,
        True,
        1.0,
        "Mean prediction over install rate: 1 is right, above 1 overestimates.",
        calibration_ratio,
    ),
    Metric(
        "ece",
        "calibration error",
        False,
        False,
        0.0,
        f"Mean gap of prediction and install rate over {CALIBRATION_BINS} bins of equal size.",
        expected_calibration_error,
    ),
)

METRICS: Mapping[str, Metric] = {metric.key: metric for metric in _ALL}
EPOCH_METRICS = ("auc", "logloss")
