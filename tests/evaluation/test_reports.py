"""Reports, support curves and the points of charts."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import auc as area

from recsys_demo.evaluation.curves import (
    calibration_curve,
    pr_points,
    roc_points,
    score_histogram,
)
from recsys_demo.evaluation.metrics import EPOCH_METRICS, METRICS, Floats
from recsys_demo.evaluation.reports import SliceReport, evaluate, overfitting
from recsys_demo.evaluation.slices import Slice, default_slices
from tests.making.logs import random_log
from tests.making.predictions import predictions


def scored(rows: int, seed: int = 0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=rows)
    return (rng.random(rows) < expit(logits)).astype(np.int64), logits


def test_every_slice_is_judged_by_its_own_rows() -> None:
    labels, logits = scored(200)
    first = np.arange(200) < 120
    slices = [Slice("all", "all", first | True), Slice("a", "a", first), Slice("b", "b", ~first)]
    reports = evaluate(labels, logits, slices)
    assert list(reports) == ["all", "a", "b"]
    for slice_ in slices:
        report, mask = reports[slice_.key], slice_.mask
        assert report.rows == mask.sum()
        assert report.positives == labels[mask].sum()
        assert set(report.values) == set(METRICS)
        for key, value in report.values.items():
            assert value == METRICS[key].compute(labels[mask], logits[mask])


def test_empty_and_one_class_slices_are_null_in_json_and_come_back() -> None:
    labels, logits = np.array([1, 1, 0]), np.array([0.5, -1.0, 0.0])
    slices = [
        Slice("none", "none", np.zeros(3, dtype=bool)),
        Slice("ones", "ones", labels == 1),
        Slice("all", "all", np.ones(3, dtype=bool)),
    ]
    for key, report in evaluate(labels, logits, slices).items():
        written = report.to_json()
        content = json.loads(json.dumps(written, allow_nan=False))
        again = SliceReport.from_json(content | {"slices": {}})
        assert again.to_json() == written
        assert (written["auc"] is None) == (key != "all")
        assert (written["logloss"] is None) == (key == "none")


def test_only_the_metrics_asked_for_are_computed() -> None:
    labels, logits = scored(50)
    everything = [Slice("all", "all", np.ones(50, dtype=bool))]
    assert set(evaluate(labels, logits, everything, EPOCH_METRICS)["all"].values) == {
        "auc",
        "logloss",
    }


def test_overfitting_is_how_much_worse_test_rows_are() -> None:
    train = {"all": SliceReport(9, 4, {"auc": 0.9, "logloss": 0.3, "calibration": 1.1})}
    test = {
        "all": SliceReport(9, 4, {"auc": 0.8, "logloss": 0.5, "calibration": 0.9}),
        "new": SliceReport(1, 1, {"auc": math.nan}),
    }
    assert overfitting(train, test, "auc") == pytest.approx({"all": 0.1})
    assert overfitting(train, test, "logloss") == pytest.approx({"all": 0.2})
    assert overfitting(train, test, "calibration") == pytest.approx({"all": 0})


def test_the_sample_sets_slices_can_be_reported_as_they_come() -> None:
    log = random_log(200, 1)
    train, part = log.take(np.arange(100)), log.take(np.arange(100, 200))
    reports = evaluate(part.labels, np.zeros(len(part)), default_slices(train, part))
    assert reports["all"].values["auc"] == 0.5


@settings(deadline=None)
@given(predictions(60))
def test_roc_points_pass_through_every_threshold(data: tuple[Floats, Floats]) -> None:
    labels, logits = data
    curve = roc_points(labels, logits, points=1000)
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert math.isinf(curve.threshold[0])
    assert area(curve.x, curve.y) == pytest.approx(METRICS["auc"].value(labels, logits))
    predicted = expit(logits)
    for x, y, threshold in zip(curve.x, curve.y, curve.threshold, strict=True):
        chosen = predicted >= threshold
        assert y == pytest.approx(chosen[labels == 1].mean())
        assert x == pytest.approx(chosen[labels == 0].mean())


@settings(deadline=None)
@given(predictions(60))
def test_pr_points_are_precision_and_recall(data: tuple[Floats, Floats]) -> None:
    labels, logits = data
    curve = pr_points(labels, logits, points=1000)
    predicted = expit(logits)
    for x, y, threshold in zip(curve.x, curve.y, curve.threshold, strict=True):
        chosen = predicted >= threshold
        assert x == pytest.approx(chosen[labels == 1].mean())
        assert y == pytest.approx(labels[chosen].mean())
    assert curve.x[-1] == 1
    steps = np.diff(curve.x, prepend=0)
    assert (steps * curve.y).sum() == pytest.approx(METRICS["pr_auc"].value(labels, logits))


def test_thinned_curves_keep_their_ends_and_almost_their_area() -> None:
    labels, logits = scored(20_000)
    auc = METRICS["auc"].value(labels, logits)
    curve = roc_points(labels, logits, points=100)
    assert len(curve.x) <= 100
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 0, 1, 1)
    assert (np.diff(curve.x) >= 0).all()
    assert (np.diff(curve.y) >= 0).all()
    assert area(curve.x, curve.y) == pytest.approx(auc, abs=1e-3)
    thin, full = pr_points(labels, logits, 100), pr_points(labels, logits, 10**6)
    assert len(thin.x) <= 100
    assert (thin.x[0], thin.y[0]) == (full.x[0], full.y[0])
    assert (thin.x[-1], thin.y[-1]) == (1, pytest.approx(labels.mean()))


@pytest.mark.parametrize("points", [roc_points, pr_points])
def test_curves_refuse_one_class(points: object) -> None:
    with pytest.raises(ValueError, match="label 0 and rows with label 1"):
        points(np.ones(3), np.zeros(3))  # type: ignore[operator] # one of two functions


@settings(deadline=None)
@given(predictions(60), st.integers(1, 12))
def test_calibration_bins_hold_every_row_once(data: tuple[Floats, Floats], bins: int) -> None:
    labels, logits = data
    curve = calibration_curve(labels, logits, bins)
    assert curve.rows.sum() == len(labels)
    assert (curve.rows * curve.rate).sum() == pytest.approx(labels.sum())
    assert (curve.rows * curve.predicted).sum() == pytest.approx(expit(logits).sum())
    assert (np.diff(curve.predicted) > 0).all()
    assert (curve.low <= curve.rate + 1e-12).all()
    assert (curve.rate <= curve.high + 1e-12).all()


def test_the_calibration_error_is_the_curves_mean_gap() -> None:
    labels, logits = scored(2000)
    curve = calibration_curve(labels, logits, 20)
    gap = np.average(np.abs(curve.predicted - curve.rate), weights=curve.rows)
    assert gap == pytest.approx(METRICS["ece"].value(labels, logits))


def test_histograms_count_every_row_by_its_label() -> None:
    labels = np.array([0, 0, 1, 1, 1])
    logits = np.array([-800.0, 0.01, 0.01, 0.01, 800.0])
    histogram = score_histogram(labels, logits, bins=4)
    assert histogram.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert histogram.negatives.tolist() == [1, 0, 1, 0]
    assert histogram.positives.tolist() == [0, 0, 2, 1]
