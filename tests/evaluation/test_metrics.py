"""Metrics against slow definitions, high precision and hand-computed cases."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from recsys_demo.evaluation.metrics import (
    EPOCH_METRICS,
    METRICS,
    Floats,
    auc,
    equal_mass_bins,
    expected_calibration_error,
    log_loss,
    perfect_calibration_error,
    pr_auc,
)
from tests.making.predictions import LOGITS, predictions


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def slow_auc(labels: Floats, logits: Floats) -> float:
    pairs = [(p, n) for p in logits[labels == 1] for n in logits[labels == 0]]
    return sum((p > n) + 0.5 * (p == n) for p, n in pairs) / len(pairs)


def slow_pr_auc(labels: Floats, logits: Floats) -> float:
    total, found = 0.0, 0
    for threshold in sorted(set(logits), reverse=True):
        chosen = [y for y, x in zip(labels, logits, strict=True) if x >= threshold]
        total += (sum(chosen) - found) * sum(chosen) / len(chosen)
        found = sum(chosen)
    return total / found


def slow_log_loss(labels: Floats, logits: Floats) -> float:
    """In 60 digits, by the definition -log p."""
    getcontext().prec = 60
    losses = []
    for y, x in zip(labels, logits, strict=True):
        right = Decimal(float(x)) * (1 if y else -1)
        losses.append(-((1 / (1 + (-right).exp())).ln()))
    return float(sum(losses) / len(losses))


def slow_ece(labels: Floats, logits: Floats) -> float:
    """Walk the distinct predictions upwards; each goes where the middle of its rows belongs."""
    bins: dict[int, float] = {}
    below = 0
    for value in sorted(set(logits)):
        rows = [y for y, x in zip(labels, logits, strict=True) if x == value]
        number = min(int((below + len(rows) / 2) / len(labels) * 20), 19)
        bins[number] = bins.get(number, 0.0) + sum(sigmoid(value) - y for y in rows)
        below += len(rows)
    return sum(map(abs, bins.values())) / len(labels)


def slow_entropy(labels: Floats) -> float:
    rate = sum(labels) / len(labels)
    return -(rate * math.log(rate) + (1 - rate) * math.log(1 - rate))


SLOW = {
    "auc": slow_auc,
    "pr_auc": slow_pr_auc,
    "logloss": slow_log_loss,
    "normalized_entropy": lambda y, x: slow_log_loss(y, x) / slow_entropy(y),
    "calibration": lambda y, x: sum(map(sigmoid, x)) / sum(y),
    "ece": slow_ece,
}


def test_every_metric_has_an_oracle_and_words() -> None:
    assert set(SLOW) == set(METRICS)
    assert set(EPOCH_METRICS) <= set(METRICS)
    for key, metric in METRICS.items():
        assert metric.key == key
        assert metric.label
        assert metric.help.endswith(".")


@pytest.mark.parametrize("key", METRICS)
@settings(deadline=None, max_examples=30)
@given(data=predictions())
def test_metrics_are_what_their_definitions_say(key: str, data: tuple[Floats, Floats]) -> None:
    labels, logits = data
    expected = SLOW[key](labels, logits)
    assert METRICS[key].value(labels, logits) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=30)
@given(data=predictions(300))
def test_the_counted_areas_are_those_of_scikit_learn(data: tuple[Floats, Floats]) -> None:
    assert auc(*data) == pytest.approx(roc_auc_score(*data), rel=1e-14)
    assert pr_auc(*data) == average_precision_score(*data)


@pytest.mark.parametrize("key", METRICS)
@settings(deadline=None, max_examples=30)
@given(data=predictions(), seed=st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(
    key: str, data: tuple[Floats, Floats], seed: int
) -> None:
    labels, logits = data
    order = np.random.default_rng(seed).permutation(len(labels))
    shuffled = METRICS[key].value(labels[order], logits[order])
    assert shuffled == pytest.approx(METRICS[key].value(labels, logits), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("key", METRICS)
@settings(deadline=None, max_examples=30)
@given(data=predictions(20), seed=st.integers(0, 1000))
def test_a_row_of_weight_two_counts_like_two_rows(
    key: str, data: tuple[Floats, Floats], seed: int
) -> None:
    labels, logits = data
    weights = np.random.default_rng(seed).integers(0, 4, len(labels))
    weights[:2] = 1, 2
    repeated = METRICS[key].value(np.repeat(labels, weights), np.repeat(logits, weights))
    weighted = METRICS[key].value(labels, logits, weights)
    assert weighted == pytest.approx(repeated, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("key", ["auc", "pr_auc"])
@settings(deadline=None)
@given(data=predictions())
def test_ranking_metrics_see_only_the_order(key: str, data: tuple[Floats, Floats]) -> None:
    labels, logits = data
    for moved in (logits * 3 - 1, np.arctan(logits / 10), logits**3 + logits):
        # A transform that merges two values in rounding has changed the order.
        if len(np.unique(moved)) == len(np.unique(logits)):
            assert METRICS[key].value(labels, moved) == pytest.approx(
                METRICS[key].value(labels, logits)
            )


@settings(deadline=None)
@given(data=predictions())
def test_turning_the_scores_round_turns_the_auc_round(data: tuple[Floats, Floats]) -> None:
    labels, logits = data
    auc = METRICS["auc"].value
    assert auc(labels, -logits) == pytest.approx(1 - auc(labels, logits))
    assert auc(1 - labels, logits) == pytest.approx(1 - auc(labels, logits))


@pytest.mark.parametrize("x", [0.0, 1e-20, 1e-8, 0.5, 20.0, 36.8, 40.0, 300.0, 700.0, 1e6])
@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("label", [0, 1])
def test_log_loss_is_exact_for_extreme_logits(x: float, sign: int, label: int) -> None:
    getcontext().prec = 60
    right = Decimal(sign * x) * (1 if label else -1)
    # ln(1 + e) for a tiny e, where 60 digits are not enough to add it to 1.
    odds = (-right).exp()
    expected = odds - odds**2 / 2 if right > 60 else (1 + odds).ln()
    got = log_loss(np.array([label]), np.array([sign * x]))
    assert got == pytest.approx(float(expected), rel=1e-14, abs=0)


def test_log_loss_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels, logits = rng.integers(0, 2, 500), rng.normal(size=500)
    expected = sklearn_log_loss(labels, 1 / (1 + np.exp(-logits)))
    assert log_loss(labels, logits) == pytest.approx(expected)


def test_always_predicting_the_base_rate_has_normalized_entropy_one() -> None:
    labels = np.array([1, 0, 0, 0])
    logits = np.full(4, math.log(1 / 3))
    assert METRICS["normalized_entropy"].value(labels, logits) == pytest.approx(1)
    assert METRICS["calibration"].value(labels, logits) == pytest.approx(1)
    assert METRICS["ece"].value(labels, logits) == pytest.approx(0, abs=1e-12)
    assert METRICS["auc"].value(labels, logits) == 0.5
    assert METRICS["pr_auc"].value(labels, logits) == 0.25


@pytest.mark.parametrize("key", METRICS)
def test_slices_without_rows_or_of_one_class_are_nan_not_a_crash(key: str) -> None:
    metric = METRICS[key]
    none = np.array([], dtype=np.int64)
    assert math.isnan(metric.value(none, none.astype(float)))
    for label in (0, 1):
        value = metric.value(np.full(3, label), np.array([-1.0, 0.0, 2.0]))
        assert math.isnan(value) == metric.needs_both_classes
    only_by_weight = metric.value(np.array([0, 1]), np.array([0.0, 1.0]), np.array([1, 0]))
    assert math.isnan(only_by_weight) == metric.needs_both_classes


@pytest.mark.parametrize("key", METRICS)
def test_a_perfect_model_reaches_the_best_value(key: str) -> None:
    labels = np.array([0, 0, 1, 0, 1])
    metric = METRICS[key]
    value = metric.value(labels, np.where(labels > 0, 800.0, -800.0))
    assert metric.shortfall(value) == pytest.approx(0, abs=1e-12)


def test_calibration_is_better_the_nearer_it_comes_to_one() -> None:
    shortfall = METRICS["calibration"].shortfall
    assert shortfall(0.9) < shortfall(1.2) < shortfall(0.5)


@settings(deadline=None)
@given(logits=hnp.arrays(np.float64, st.integers(1, 60), elements=LOGITS), bins=st.integers(1, 25))
def test_bins_follow_the_predictions_and_keep_ties_together(logits: Floats, bins: int) -> None:
    of_row = equal_mass_bins(logits, bins)
    assert of_row.min() >= 0
    assert of_row.max() < bins
    order = np.argsort(logits)
    assert (np.diff(of_row[order]) >= 0).all()
    for value in np.unique(logits):
        assert len(np.unique(of_row[logits == value])) == 1


def test_bins_of_different_predictions_are_of_equal_size() -> None:
    of_row = equal_mass_bins(np.random.default_rng(0).normal(size=100), 20)
    assert np.bincount(of_row).tolist() == [5] * 20


@pytest.mark.parametrize("rows", [100, 2_000])
def test_perfect_calibration_scores_what_labels_drawn_by_it_score(rows: int) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=rows)
    drawn = [
        expected_calibration_error((rng.random(rows) < expit(logits)).astype(float), logits)
        for _ in range(200)
    ]
    assert perfect_calibration_error(logits) == pytest.approx(np.mean(drawn), rel=0.1)
    assert (perfect_calibration_error(logits) > 0.1) == (rows == 100)
