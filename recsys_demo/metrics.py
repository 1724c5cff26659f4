"""Metrics of predictions; scikit-learn computes what it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import expit, xlogy
from sklearn.metrics import average_precision_score, roc_auc_score

Labels = npt.NDArray[np.integer] | npt.NDArray[np.floating]
Logits = npt.NDArray[np.float64]
CALIBRATION_BINS = 20


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    `compute` takes labels [n] of 0 and 1 and logits [n]. `best` is the value of a perfect model;
    a metric whose best value lies inside its range (calibration) is better the nearer it comes.
    """

    key: str
    label: str
    bigger_is_better: bool
    needs_both_classes: bool
    best: float
    help: str
    compute: Callable[[Labels, Logits], float]


def auc(labels: Labels, logits: Logits) -> float:
    """Area under the ROC curve: how often a positive row is ranked above a negative one."""
    return float(roc_auc_score(labels, logits))


def pr_auc(labels: Labels, logits: Logits) -> float:
    """Average precision: the area under the precision-recall curve as a step function."""
    return float(average_precision_score(labels, logits))


def log_loss(labels: Labels, logits: Logits) -> float:
    """Mean of -log p(label), from the logits: exact also where p rounds to 0 or 1."""
    return float(np.mean(np.logaddexp(0.0, logits) - labels * logits))


def normalized_entropy(labels: Labels, logits: Logits) -> float:
    """Log loss over the entropy of the rows' own base rate (He et al. 2014): 1 = no better than
    always predicting the base rate."""
    rate = float(np.mean(labels))
    entropy = -float(xlogy(rate, rate) + xlogy(1 - rate, 1 - rate))
    return log_loss(labels, logits) / entropy


def calibration_ratio(labels: Labels, logits: Logits) -> float:
    """Mean prediction over base rate."""
    return float(expit(logits).mean() / np.mean(labels))


def expected_calibration_error(labels: Labels, logits: Logits) -> float:
    """Mean gap between prediction and install rate over `CALIBRATION_BINS` bins of equally many
    rows in the order of their predictions, weighted by rows."""
    order = np.argsort(logits, kind="stable")
    gaps = (expit(logits) - labels)[order]
    bins = np.array_split(gaps, min(CALIBRATION_BINS, len(gaps)))
    return float(sum(abs(gap.sum()) for gap in bins) / len(gaps))


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
        True,
        True,
        1.0,
        "Mean prediction over install rate: 1 is right, above 1 promises too much.",
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

METRICS: Mapping[str, Metric] = MappingProxyType({metric.key: metric for metric in _ALL})
EPOCH_METRICS = ("auc", "logloss")
