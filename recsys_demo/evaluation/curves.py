"""Curves behind the metrics: ROC, precision-recall, calibration and score histograms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit
from sklearn.metrics import precision_recall_curve, roc_curve

from recsys_demo.evaluation.intervals import wilson
from recsys_demo.evaluation.metrics import Floats, Labels, Logits, equal_mass_bins

CURVE_POINTS = 200


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of a curve, [points] each, in the order of falling thresholds.

    `threshold` is a probability: rows predicted at or above it count as chosen. The first one of
    a ROC curve is infinite (nothing chosen).
    """

    x: Floats
    y: Floats
    threshold: Floats


def roc_points(labels: Labels, logits: Logits, points: int = CURVE_POINTS) -> Curve:
    """Share of positives found against share of negatives let through, from (0, 0) to (1, 1)."""
    _check_both_classes(labels)
    false, true, threshold = roc_curve(labels, logits)
    chosen = np.concatenate([[np.inf], expit(threshold[1:])])
    return _thinned(false, true, chosen, points)


def pr_points(labels: Labels, logits: Logits, points: int = CURVE_POINTS) -> Curve:
    """Precision against recall, from the row ranked first to recall 1 at precision = base rate."""
    _check_both_classes(labels)
    precision, recall, threshold = precision_recall_curve(labels, logits)
    # scikit-learn appends the point (0, 1), which no threshold reaches.
    return _thinned(recall[-2::-1], precision[-2::-1], expit(threshold[::-1]), points)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Bins of predictions, [bins] each: rows, mean prediction, share installed and its Wilson
    interval."""

    rows: npt.NDArray[np.int64]
    predicted: Floats
    rate: Floats
    low: Floats
    high: Floats


def calibration_curve(
    labels: Labels, logits: Logits, bins: int = 10, level: float = 0.95
) -> Calibration:
    """What happened against what was predicted, in bins of about equally many rows.

    Rows with equal predictions share a bin; empty bins are left out.
    """
    of_row = equal_mass_bins(logits, bins)
    rows = np.bincount(of_row, minlength=bins)
    there = rows > 0
    rows = rows[there]
    predicted = np.bincount(of_row, weights=expit(logits), minlength=bins)[there] / rows
    positives = np.bincount(of_row, weights=labels, minlength=bins)[there]
    low, high = wilson(positives, rows, level)
    return Calibration(rows, predicted, positives / rows, low, high)


@dataclass(frozen=True, eq=False)
class Histogram:
    """Rows per bin of predicted probability: `edges` [bins + 1], the others [bins]."""

    edges: Floats
    negatives: npt.NDArray[np.int64]
    positives: npt.NDArray[np.int64]


def score_histogram(labels: Labels, logits: Logits, bins: int = 40) -> Histogram:
    """How the predictions of installed and of not installed rows spread over [0, 1]."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    predicted = expit(logits)
    negatives, _ = np.histogram(predicted[labels == 0], edges)
    positives, _ = np.histogram(predicted[labels > 0], edges)
    return Histogram(edges, negatives, positives)


def _check_both_classes(labels: Labels) -> None:
    if not 0 < np.count_nonzero(labels) < len(labels):
        raise ValueError("the curve needs rows with label 0 and rows with label 1")


def _thinned(x: Floats, y: Floats, threshold: Floats, points: int) -> Curve:
    """At most `points` points of a curve at even distances along it; both ends stay."""
    if len(x) > points:
        way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
        wanted = np.linspace(0.0, way[-1], points)[1:-1]
        kept = np.unique([0, *np.searchsorted(way, wanted), len(x) - 1])
        x, y, threshold = x[kept], y[kept], threshold[kept]
    return Curve(x, y, threshold)
