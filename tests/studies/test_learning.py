"""Overfitting: said of the right model, and not of chance."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_demo.config.presets import MAIN_PRESETS
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.reports import SliceReport
from recsys_demo.studies.learning import Learned, auc_error, sentence


def report(auc: float, rows: int = 20_000, positives: int = 6_000) -> SliceReport:
    return SliceReport(rows, positives, {"auc": auc})


def learned(model: str, train: float, test: float, rows: int = 20_000) -> Learned:
    return Learned(model, report(train), report(test, rows, rows // 3))


def test_the_model_that_overfits_most_is_named_with_both_numbers() -> None:
    told = sentence([learned("Wide", 0.95, 0.81), learned("Deep", 0.84, 0.82)])
    assert (
        told == "Wide overfits most in these runs: AUC 0.950 on training rows, 0.810 on test rows."
    )
    other_way = sentence([learned("Wide", 0.83, 0.81), learned("Deep", 0.92, 0.82)])
    assert other_way.startswith("Deep overfits most in these runs: AUC 0.920")


def test_seeds_of_a_model_count_as_their_mean() -> None:
    wide = [learned("Wide", 0.99, 0.80), learned("Wide", 0.81, 0.80)]
    told = sentence([*wide, learned("Deep", 0.95, 0.80)])
    assert told.startswith("Deep overfits most")


def test_a_gap_within_noise_is_called_noise() -> None:
    told = sentence([learned("Wide", 0.83, 0.81, 300), learned("Deep", 0.82, 0.81, 300)])
    assert told == (
        "No model is seen to overfit: AUC on training rows and on test rows could not be told "
        "apart."
    )
    assert "Wide is not seen to overfit" in sentence([learned("Wide", 0.812, 0.81)])


def test_a_gap_too_small_to_matter_is_said_with_its_size() -> None:
    sure = [learned("Wide", 0.818, 0.81, 2_000_000), learned("Deep", 0.81, 0.81, 2_000_000)]
    wide = Learned("Wide", report(0.818, 2_000_000, 600_000), sure[0].test)
    assert sentence([wide, sure[1]]) == (
        "No model is overfitting much: AUC is 0.008 higher on training rows than on test rows."
    )
    easier = Learned("Wide", report(0.80, 2_000_000, 600_000), report(0.81, 2_000_000, 600_000))
    assert "higher on test rows than on training rows" in sentence([easier])


def test_too_few_test_rows_say_nothing() -> None:
    few = Learned("Wide", report(0.9), report(0.5, 12, 4))
    assert "too few" in sentence([few])
    assert "too few" in sentence([Learned("Wide", report(0.9), report(float("nan")))])


@pytest.mark.parametrize("seed", range(5))
def test_where_there_is_no_overfitting_none_is_found(seed: int) -> None:
    """Scores that know as much of the rows of either part: 400 times, five seeds."""
    draw = np.random.default_rng(seed)

    def drawn() -> SliceReport:
        labels = (draw.random(1_500) < 0.3).astype(np.uint8)
        scores = labels * 0.8 + draw.normal(size=len(labels))
        values = {"auc": METRICS["auc"].value(labels, scores)}
        return SliceReport(len(labels), int(labels.sum()), values)

    told = [
        sentence([Learned(model, drawn(), drawn()) for model in MAIN_PRESETS]) for _ in range(80)
    ]
    assert np.mean(["overfits most" in one for one in told]) <= 0.05


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("learned_by_heart", ["Wide", "Deep"])
def test_who_has_learned_the_rows_by_heart_is_named(learned_by_heart: str, seed: int) -> None:
    """One of two models knows its own rows better than others; in another world it is the other."""
    draw = np.random.default_rng(seed)

    def drawn(strength: float) -> SliceReport:
        labels = (draw.random(1_500) < 0.3).astype(np.uint8)
        auc = METRICS["auc"].value(labels, labels * strength + draw.normal(size=len(labels)))
        return SliceReport(len(labels), int(labels.sum()), {"auc": auc})

    runs = [
        Learned(model, drawn(1.6 if model == learned_by_heart else 0.8), drawn(0.8))
        for model in ("Wide", "Deep")
    ]
    assert sentence(runs).startswith(f"{learned_by_heart} overfits most in these runs: AUC 0.8")


def test_the_error_of_an_auc_is_what_many_draws_have() -> None:
    draw = np.random.default_rng(0)
    found = []
    for _ in range(300):
        labels = np.repeat([0, 1], [300, 100]).astype(np.uint8)
        found.append(METRICS["auc"].value(labels, labels + draw.normal(size=400)))
    told = auc_error(SliceReport(400, 100, {"auc": float(np.mean(found))}))
    assert told == pytest.approx(np.std(found), rel=0.2)
