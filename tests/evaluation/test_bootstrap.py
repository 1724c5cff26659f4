"""Intervals over rows against direct formulas and slow resampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from recsys_demo.evaluation.bootstrap import (
    BootstrapConfig,
    bootstrap,
    draws,
    interval_of,
    paired_bootstrap,
    replicator,
    row_difference,
)
from recsys_demo.evaluation.delong import auc_difference, auc_interval
from recsys_demo.evaluation.intervals import wilson
from recsys_demo.evaluation.metrics import METRICS, Floats
from tests.making.predictions import predictions

FEW = BootstrapConfig(replicates=50)


def two_models(rows: int, seed: int = 0, better: float = 1.0) -> tuple[Floats, Floats, Floats]:
    """Labels, logits of a model that sees most of the truth and of one that sees less."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=rows)
    labels = (rng.random(rows) < expit(2 * truth)).astype(np.int64)
    return labels, better * truth + rng.normal(size=rows), truth + 2 * rng.normal(size=rows)


@pytest.mark.parametrize("key", METRICS)
@settings(deadline=None, max_examples=30)
@given(data=predictions(25), seed=st.integers(0, 100))
def test_replicates_are_the_metric_of_the_rows_drawn(
    key: str, data: tuple[Floats, Floats], seed: int
) -> None:
    labels, logits = data
    (weights,) = draws(len(labels), BootstrapConfig(replicates=50, seed=seed))
    values = replicator(labels, logits, METRICS[key])(weights)
    for w, value in zip(weights[:10], values, strict=False):
        drawn = np.repeat(np.arange(len(labels)), w)
        expected = METRICS[key].value(labels[drawn], logits[drawn])
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def test_weighted_aucs_agree_with_scikit_learn() -> None:
    labels, logits, _ = two_models(300)
    logits = np.round(logits, 1)
    (weights,) = draws(300, FEW)
    expected = [roc_auc_score(labels, logits, sample_weight=w) for w in weights]
    assert replicator(labels, logits, METRICS["auc"])(weights) == pytest.approx(expected)


def test_draws_are_seeded_and_draw_as_many_rows_as_there_are() -> None:
    first, again = (np.concatenate(list(draws(70, FEW))) for _ in range(2))
    (other,) = draws(70, BootstrapConfig(replicates=50, seed=1))
    assert (first == again).all()
    assert (first != other).any()
    assert (first.sum(axis=1) == 70).all()


def test_groups_are_drawn_whole() -> None:
    groups = np.array([0, 0, 1, 2, 2, 2])
    for weights in draws(6, FEW, groups):
        assert (weights[:, 0] == weights[:, 1]).all()
        assert (weights[:, 3] == weights[:, 5]).all()
        assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_many_draws_come_in_pieces_and_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    (whole,) = draws(20, FEW)
    monkeypatch.setattr("recsys_demo.evaluation.bootstrap._CELLS_AT_ONCE", 100)
    pieces = list(draws(20, FEW))
    assert len(pieces) == 10
    assert (np.concatenate(pieces) == whole).all()


def test_copied_rows_need_groups_to_be_honest() -> None:
    labels, logits, _ = two_models(150)
    copies = np.repeat(np.arange(150), 6)
    config = BootstrapConfig(replicates=300)
    once = bootstrap(labels, logits, METRICS["auc"], config)
    fooled = bootstrap(labels[copies], logits[copies], METRICS["auc"], config)
    honest = bootstrap(labels[copies], logits[copies], METRICS["auc"], config, copies)
    assert fooled.half_width < 0.6 * once.half_width
    assert honest.half_width == pytest.approx(once.half_width)


def test_delong_and_bootstrap_agree_on_the_spread() -> None:
    labels, a, b = two_models(800)
    config = BootstrapConfig(replicates=1000)
    metric = METRICS["auc"]
    assert auc_interval(labels, a).half_width == pytest.approx(
        bootstrap(labels, a, metric, config).half_width, rel=0.15
    )
    paired = paired_bootstrap(labels, a, b, metric, config)
    difference = auc_difference(labels, a, b)
    assert difference.value == pytest.approx(paired.value)
    assert difference.half_width == pytest.approx(paired.half_width, rel=0.15)


def test_the_interval_of_a_mean_and_the_bootstrap_agree_on_log_loss() -> None:
    labels, a, b = two_models(800)
    metric, config = METRICS["logloss"], BootstrapConfig(replicates=1000)
    found, slow = interval_of(labels, a, metric), bootstrap(labels, a, metric, config)
    assert found is not None
    assert found.value == pytest.approx(slow.value)
    assert found.half_width == pytest.approx(slow.half_width, rel=0.15)
    seeds = np.stack([a, np.roll(a, 1)])
    quick = row_difference(labels, seeds, b, "logloss")
    slow = paired_bootstrap(labels, seeds, b, metric, config)
    assert quick is not None
    assert quick.value == pytest.approx(slow.value)
    assert quick.half_width == pytest.approx(slow.half_width, rel=0.15)


@pytest.mark.parametrize("key", METRICS)
def test_pairing_is_in_favour_of_the_first(key: str) -> None:
    labels, a, b = two_models(400)
    there = paired_bootstrap(labels, a, b, METRICS[key], FEW)
    back = paired_bootstrap(labels, b, a, METRICS[key], FEW)
    metric = METRICS[key]
    expected = metric.shortfall(metric.value(labels, b)) - metric.shortfall(metric.value(labels, a))
    assert there.value == pytest.approx(expected)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    same = paired_bootstrap(labels, a, a, metric, FEW)
    assert (same.low, same.value, same.high) == (0, 0, 0)


def slow_delong(labels: Floats, logits: list[Floats]) -> Floats:
    """Covariance of AUCs by DeLong's structural components, straight from the double sum."""
    up, down = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)

    def psi(x: Floats, i: int, j: int) -> float:
        return float(x[i] > x[j]) + 0.5 * float(x[i] == x[j])

    v10 = np.array([[np.mean([psi(x, i, j) for j in down]) for i in up] for x in logits])
    v01 = np.array([[np.mean([psi(x, i, j) for i in up]) for j in down] for x in logits])
    return np.cov(v10) / len(up) + np.cov(v01) / len(down)


@settings(deadline=None)
@given(rows=st.integers(6, 30), seed=st.integers(0, 500))
def test_delong_is_its_direct_formula(rows: int, seed: int) -> None:
    labels, a, b = two_models(rows, seed)
    labels[:4] = 0, 0, 1, 1
    a, b = np.round(a), np.round(b)
    covariance = slow_delong(labels, [a, b])
    found = auc_difference(labels, a, b)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert found.value == pytest.approx(roc_auc_score(labels, a) - roc_auc_score(labels, b))
    assert found.half_width == pytest.approx(1.959964 * math.sqrt(max(variance, 0)), abs=2e-7)


def test_delongs_interval_of_one_auc_is_the_direct_formula_on_the_logit_scale() -> None:
    labels, a, b = two_models(60)
    error = math.sqrt(slow_delong(labels, [a, b])[0, 0])
    found = auc_interval(labels, a)
    value = found.value
    middle, half = math.log(value / (1 - value)), 1.959964 * error / (value * (1 - value))
    assert (found.low, found.high) == pytest.approx((expit(middle - half), expit(middle + half)))


def test_delongs_test_rejects_equal_models_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    rejected = 0
    for _ in range(300):
        truth = rng.normal(size=100)
        labels = (rng.random(100) < expit(truth)).astype(int)
        a, b = truth + rng.normal(size=(2, 100))
        rejected += auc_difference(labels, a, b).excludes_zero
    assert 3 <= rejected <= 30


def test_delong_over_seeds_averages_the_aucs() -> None:
    labels, a, b = two_models(200)
    other = np.roll(a, 1)
    found = auc_difference(labels, np.stack([a, other]), b)
    first, second, against = (roc_auc_score(labels, scores) for scores in (a, other, b))
    assert found.value == pytest.approx((first + second) / 2 - against)
    assert auc_difference(labels, np.stack([a, a]), b).half_width == pytest.approx(
        auc_difference(labels, a, b).half_width
    )


def test_delong_without_spread_and_with_too_few_rows() -> None:
    labels, a, _ = two_models(50)
    assert not auc_difference(labels, a, a).excludes_zero
    assert auc_difference(labels, labels * 1.0, -labels * 1.0).excludes_zero
    with pytest.raises(ValueError, match="two rows of each class"):
        auc_difference(np.array([0, 0, 1]), np.zeros(3), np.zeros(3))


def test_perfect_and_lonely_rows_get_wide_intervals_not_points() -> None:
    perfect = auc_interval(np.array([0, 0, 0, 1, 1, 1]), np.arange(6.0))
    assert perfect.value == perfect.high == 1
    assert perfect.low < 0.5
    lonely = auc_interval(np.array([0] * 50 + [1]), np.arange(51.0))
    assert lonely.low < 0.3


@settings(deadline=None)
@given(rows=st.integers(1, 200), share=st.floats(0, 1))
def test_wilsons_ends_are_where_the_share_is_z_errors_away(rows: int, share: float) -> None:
    positives = round(share * rows)
    (low,), (high,) = wilson(np.array([positives]), np.array([rows]))
    z2, observed = 1.959963984540054**2, positives / rows
    # (observed - p)^2 = z^2 p (1 - p) / rows, as a polynomial in p.
    ends = np.roots([rows + z2, -(2 * positives + z2), rows * observed**2]).real
    assert (low, high) == pytest.approx((ends.min(), ends.max()), abs=1e-6)


@pytest.mark.parametrize("key", METRICS)
def test_every_metric_has_an_interval_and_none_where_it_has_no_value(key: str) -> None:
    labels, a, b = two_models(200)
    found = interval_of(labels, a, METRICS[key], FEW)
    assert found is not None
    # Resampled rows look worse calibrated than the rows themselves: the error cannot fall below 0.
    assert found.low <= found.high
    assert key == "ece" or found.low <= found.value <= found.high
    assert row_difference(labels, a, b, key, FEW) is not None
    none = labels[:0]
    assert interval_of(none, a[:0], METRICS[key], FEW) is None
    assert row_difference(none, a[:0], b[:0], key, FEW) is None


def test_one_positive_row_falls_back_to_the_bootstrap() -> None:
    labels = np.array([1, *[0] * 20])
    rng = np.random.default_rng(0)
    found = row_difference(labels, rng.normal(size=21), rng.normal(size=21), "auc", FEW)
    assert found is not None
    assert found.method.startswith("bootstrap")
