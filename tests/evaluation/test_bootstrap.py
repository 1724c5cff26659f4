"""Intervals and verdicts against direct formulas and slow resampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import ttest_ind, ttest_ind_from_stats
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
from recsys_demo.evaluation.delong import auc_interval, delong
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.metrics import METRICS, Floats
from recsys_demo.evaluation.proportions import wilson
from recsys_demo.evaluation.verdicts import (
    clear_best,
    comparison_level,
    explanation,
    over_seeds,
    seed_difference,
    verdict,
    with_error,
)
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
    difference = delong(labels, a, b).difference
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
    found = delong(labels, a, b)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert found.auc_a == pytest.approx(roc_auc_score(labels, a))
    assert found.auc_b == pytest.approx(roc_auc_score(labels, b))
    assert found.standard_error == pytest.approx(math.sqrt(max(variance, 0)), abs=1e-7)
    if found.standard_error > 1e-6:
        score = abs(found.difference.value) / found.standard_error
        assert found.p_value == pytest.approx(math.erfc(score / math.sqrt(2)), abs=1e-6)


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
        rejected += delong(labels, a, b).p_value < 0.05
    assert 3 <= rejected <= 30


def test_delong_over_seeds_averages_the_aucs() -> None:
    labels, a, b = two_models(200)
    other = np.roll(a, 1)
    found = delong(labels, np.stack([a, other]), b)
    assert found.auc_a == pytest.approx(
        (roc_auc_score(labels, a) + roc_auc_score(labels, other)) / 2
    )
    assert delong(labels, np.stack([a, a]), b).standard_error == pytest.approx(
        delong(labels, a, b).standard_error
    )


def test_delong_without_spread_and_with_too_few_rows() -> None:
    labels, a, _ = two_models(50)
    assert delong(labels, a, a).p_value == 1
    assert delong(labels, labels * 1.0, -labels * 1.0).p_value == 0
    with pytest.raises(ValueError, match="two rows of each class"):
        delong(np.array([0, 0, 1]), np.zeros(3), np.zeros(3))


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


def test_seeds_are_summed_up_and_compared_as_scipy_does() -> None:
    a, b = [0.8, 0.82, 0.81, 0.79], [0.75, 0.78, 0.74]
    summary = over_seeds([*a, math.nan])
    assert (summary.mean, summary.seeds) == (pytest.approx(0.805), 4)
    assert summary.sd == pytest.approx(np.std(a, ddof=1))
    found = seed_difference(a, b)
    assert found is not None
    expected = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_one_seed_against_several_borrows_their_spread() -> None:
    b = [0.75, 0.78, 0.74, 0.76]
    found = seed_difference([0.8], b)
    assert found is not None
    pooled = ttest_ind_from_stats(0.8, 0.0, 1, np.mean(b), np.std(b, ddof=1), 4)
    assert found.half_width == pytest.approx((0.8 - np.mean(b)) / pooled.statistic * 3.182446)
    assert seed_difference([0.8], [0.7]) is None


def test_the_sentence_of_a_clear_difference() -> None:
    said = verdict(
        "Wide & Deep",
        [0.868, 0.87, 0.866, 0.869, 0.867],
        "Deep",
        [0.704, 0.708, 0.70, 0.702, 0.706],
        "auc",
        "planted exceptions",
    )
    assert said.winner == "Wide & Deep"
    assert said.sentence == (
        "Wide & Deep is better than Deep on planted exceptions by 0.1640 ± 0.0039 (AUC, 5 seeds)."
    )
    assert "Welch" in said.explain
    assert "95%" in said.explain


def test_the_sentence_of_a_difference_within_noise() -> None:
    said = verdict("A", [0.77, 0.79], "B", [0.78, 0.77, 0.79], "auc", "all rows")
    assert said.winner is None
    assert "within noise" in said.sentence
    assert "2 against 3 seeds" in said.sentence


@pytest.mark.parametrize("metric", ["logloss", "ece", "normalized_entropy"])
def test_where_small_is_good_the_smaller_wins(metric: str) -> None:
    said = verdict("A", [0.5, 0.51, 0.5], "B", [0.4, 0.41, 0.4], metric, "all rows")
    assert said.winner == "B"
    assert said.gain == pytest.approx(-0.1)


def test_calibration_wins_by_nearness_to_one() -> None:
    said = verdict("A", [0.9, 0.91, 0.9], "B", [1.3, 1.31, 1.3], "calibration", "all rows")
    assert said.winner == "A"


def test_single_seeds_are_judged_by_their_rows() -> None:
    labels, a, b = two_models(1000)
    values = [[METRICS["auc"].value(labels, x)] for x in (a, b)]
    rows = row_difference(labels, a, b, "auc")
    said = verdict("A", values[0], "B", values[1], "auc", "all rows", rows)
    assert said.winner == "A"
    assert "one seed each; DeLong over rows" in said.sentence
    alone = verdict("A", values[0], "B", values[1], "auc", "all rows")
    assert alone.winner is None
    assert "train more seeds" in alone.sentence


def test_both_kinds_of_noise_must_leave_out_zero() -> None:
    seeds = [0.8, 0.801, 0.799], [0.78, 0.781, 0.779]
    wide = Interval(0.02, -0.01, 0.05, 0.95, "DeLong")
    narrow = Interval(0.02, 0.01, 0.03, 0.95, "DeLong")
    against = Interval(-0.02, -0.03, -0.01, 0.95, "DeLong")
    assert verdict("A", seeds[0], "B", seeds[1], "auc", "s", narrow).winner == "A"
    assert verdict("A", seeds[0], "B", seeds[1], "auc", "s", wide).winner is None
    assert verdict("A", seeds[0], "B", seeds[1], "auc", "s", wide).half_width == pytest.approx(0.03)
    assert verdict("A", seeds[0], "B", seeds[1], "auc", "s", against).winner is None


def test_slices_without_a_value_are_said_to_have_none() -> None:
    said = verdict("A", [math.nan], "B", [0.7], "auc", "planted exceptions")
    assert "cannot be compared" in said.sentence
    assert said.winner is None


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_verdicts_do_not_depend_on_who_is_named_first(a: list[float], b: list[float]) -> None:
    there, back = (
        verdict("A", a, "B", b, "auc", "all rows"),
        verdict("B", b, "A", a, "auc", "all rows"),
    )
    assert there.winner == back.winner
    assert there.gain == pytest.approx(-back.gain)


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (0.164, 0.012, "0.164 ± 0.012"),
        (0.164, 0.00123, "0.1640 ± 0.0012"),
        (0.164, 0.2, "0.16 ± 0.20"),
        (0.5, 0.0, "0.5000 ± 0.0000"),
        (0.5, 1e-9, "0.50000 ± 0.00000"),
        (12.3, 4.2, "12.30 ± 4.20"),
    ],
)
def test_errors_are_written_with_two_digits(value: float, half: float, text: str) -> None:
    assert with_error(value, half) == text


def test_the_best_is_marked_only_where_it_beats_everyone() -> None:
    good, same, bad = [0.8, 0.801, 0.799], [0.8, 0.802, 0.798], [0.7, 0.701, 0.699]
    assert clear_best({"A": good, "B": bad}, "auc") == "A"
    assert clear_best({"A": good, "B": bad, "C": same}, "auc") is None
    assert clear_best({"A": good, "B": bad}, "logloss") == "B"
    assert clear_best({"A": good}, "auc") is None
    assert clear_best({"A": good, "B": [math.nan]}, "auc") is None
    against = {("B", "A"): Interval(-0.1, -0.2, 0.01, 0.95, "DeLong")}
    assert clear_best({"A": good, "B": bad}, "auc", against) is None
    clear = {("B", "A"): Interval(-0.1, -0.2, -0.01, 0.95, "DeLong")}
    assert clear_best({"A": [0.8], "B": [0.7]}, "auc", clear) == "A"


def test_more_models_need_more_certainty() -> None:
    assert comparison_level(2) == 0.95
    assert comparison_level(6) == pytest.approx(0.99)
    assert explanation(0.99).count("99%") == 2
