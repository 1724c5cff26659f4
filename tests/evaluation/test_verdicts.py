"""What is called better, and how often that is wrong where nothing differs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from recsys_demo.evaluation.bootstrap import row_difference
from recsys_demo.evaluation.intervals import Interval, symmetric_interval, unknown_interval
from recsys_demo.evaluation.leads import lead
from recsys_demo.evaluation.metrics import METRICS, Floats
from recsys_demo.evaluation.verdicts import (
    FEWEST_ROWS,
    NOT_FOUND,
    NOT_YET,
    Evidence,
    Finding,
    Verdict,
    evidence,
    level_of_each,
    verdict,
    with_error,
)

GOOD, BAD = [0.8, 0.801, 0.799], [0.7, 0.701, 0.699]


def rows(gain: float, half: float = 0.01, rarer: int = 500) -> Interval:
    return symmetric_interval(gain, half, method="DeLong", n=rarer)


def judged(a: Sequence[float], b: Sequence[float], over_rows: Interval | None) -> Verdict:
    return verdict("A", a, "B", b, "auc", "all rows", over_rows)


def test_the_sentence_of_a_difference_that_was_found() -> None:
    said = judged(
        [0.868, 0.87, 0.866, 0.869, 0.867], [0.704, 0.708, 0.70, 0.702, 0.706], rows(0.164)
    )
    assert (said.winner, said.finding) == ("A", "better")
    assert said.sentence == "A is better than B on all rows by 0.164 ± 0.011 (AUC, 5 seeds each)."
    other = judged([0.70, 0.701, 0.699], GOOD, rows(-0.1))
    assert (other.winner, other.finding) == ("B", "worse")


def test_the_sentence_of_a_difference_that_was_not_found() -> None:
    said = judged([0.77, 0.79], [0.78, 0.77, 0.79], rows(0.0))
    assert (said.winner, said.finding) == (None, NOT_FOUND)
    assert said.sentence.startswith("A and B could not be told apart on all rows: they differ by ")
    assert "2 against 3 seeds" in said.sentence


def test_one_training_each_is_never_called_better() -> None:
    said = judged([0.8], [0.7], rows(0.1))
    assert (said.winner, said.finding, said.half_width) == (None, NOT_YET, pytest.approx(0.01))
    assert said.sentence == (
        "Whether A or B is better on all rows cannot be said yet: these two trained runs differ by "
        "0.100 ± 0.010 on these rows; whether the models do needs more seeds (AUC, one seed each)."
    )
    alike = judged([0.701], [0.7], rows(0.001))
    assert "differ by no more than the sampling error of these rows" in alike.sentence
    assert "more seeds are needed" in alike.sentence


def test_one_control_run_cannot_say_how_far_it_is_from_its_mean() -> None:
    said = judged(GOOD, [0.7], rows(0.1))
    assert said.finding == NOT_YET
    assert "3 against 1 seeds" in said.sentence
    assert "the trained runs of A and B differ" in said.sentence


@pytest.mark.parametrize("rarer", [1, 2, FEWEST_ROWS - 1])
def test_few_rows_of_a_label_say_nothing(rarer: int) -> None:
    said = judged(GOOD, BAD, rows(0.1, rarer=rarer))
    assert (said.finding, said.half_width) == (NOT_YET, None)
    assert f"the rarer label has {rarer} rows" in said.sentence
    assert judged([0.8], [0.7], rows(0.1, rarer=rarer)).half_width is None


def test_four_rows_ranked_rightly_and_wrongly_say_nothing() -> None:
    labels = np.array([1, 1, 0, 0])
    a, b = np.array([4.0, 3, 2, 1]), np.array([1.0, 2, 3, 4])
    said = judged([1.0], [0.0], row_difference(labels, a, b, "auc"))
    assert said.finding == NOT_YET
    assert "0.0000" not in said.sentence


def test_what_never_varies_gives_nothing_to_judge_by() -> None:
    assert judged([1.0, 1.0], [0.5, 0.5], rows(0.5, half=0.0)).finding == NOT_YET
    assert judged([0.5, 0.5], [0.5, 0.5], rows(0.0, half=0.0)).finding == NOT_FOUND


def test_rows_that_are_not_known_say_nothing() -> None:
    for over_rows in (None, unknown_interval(0.1, n=500)):
        said = judged(GOOD, BAD, over_rows)
        assert said.finding == NOT_YET
        assert "other rows" in said.sentence


def test_both_kinds_of_luck_count_together() -> None:
    a, b = (0.8, 0.81, 0.79), (0.78, 0.79, 0.77)
    seeds, over_rows = Evidence(a, b, rows(0.02)).over_seeds, rows(0.02, half=0.015)
    both = Evidence(a, b, over_rows)
    assert both.interval.half_width == pytest.approx(math.hypot(seeds.half_width, 0.015))
    assert Evidence(a, b, rows(0.02, half=0.0)).interval.half_width == seeds.half_width


@pytest.mark.parametrize("metric", ["logloss", "ece", "normalized_entropy"])
def test_where_small_is_good_the_smaller_wins(metric: str) -> None:
    said = verdict("A", [0.5, 0.51, 0.5], "B", [0.4, 0.41, 0.4], metric, "all rows", rows(-0.1))
    assert said.winner == "B"
    assert said.gain == pytest.approx(-0.1)


def test_calibration_wins_by_nearness_to_one() -> None:
    over_rows = rows(0.2)
    said = verdict("A", [0.9, 0.91, 0.9], "B", [1.3, 1.31, 1.3], "calibration", "s", over_rows)
    assert said.winner == "A"


def test_slices_without_a_value_are_said_to_have_none() -> None:
    said = judged([math.nan], [0.7], None)
    assert said.finding == NOT_YET
    assert "has no value there" in said.sentence


values = st.lists(st.floats(0, 1), min_size=1, max_size=5)


@settings(deadline=None)
@given(values, values, st.floats(0, 0.1))
def test_verdicts_do_not_depend_on_who_is_named_first(
    a: list[float], b: list[float], half: float
) -> None:
    gain = float(np.mean(a) - np.mean(b))
    there = verdict("A", a, "B", b, "auc", "s", rows(gain, half))
    back = verdict("B", b, "A", a, "auc", "s", -rows(gain, half))
    assert there.winner == back.winner
    assert there.gain == pytest.approx(-back.gain)
    mirrored: dict[Finding, Finding] = {"better": "worse", "worse": "better"}
    assert back.finding == mirrored.get(there.finding, there.finding)


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


def test_the_best_is_better_than_everyone() -> None:
    same = [0.8, 0.802, 0.798]
    found = lead({"A": GOOD, "B": BAD}, "auc", {"B": rows(0.1)})
    assert found is not None
    assert (found.best, found.winner) == ("A", "A")
    found = lead({"A": GOOD, "B": BAD, "C": same}, "auc", {"B": rows(0.1), "C": rows(0.0)})
    assert found is not None
    assert (found.winner, found.apart_from, found.unsaid) == (None, ("C",), ())
    found = lead({"A": GOOD, "B": BAD}, "logloss", {"A": rows(0.1)})
    assert found is not None
    assert found.winner == "B"
    one_seed = lead({"A": [0.8], "B": [0.7]}, "auc", {"B": rows(0.1)})
    assert one_seed is not None
    assert (one_seed.winner, one_seed.unsaid) == (None, ("B",))
    assert lead({"A": GOOD}, "auc") is None
    assert lead({"A": GOOD, "B": [math.nan]}, "auc") is None


def test_more_comparisons_need_more_certainty() -> None:
    assert level_of_each(1) == pytest.approx(0.95)
    assert level_of_each(5) == pytest.approx(0.99)
    alone, among = (evidence(GOOD, BAD, "auc", rows(0.1), count) for count in (1, 6))
    assert alone is not None
    assert among is not None
    assert among.interval.half_width > 1.3 * alone.interval.half_width


def test_as_good_as_needs_a_margin() -> None:
    found = Evidence((0.8, 0.801, 0.799), (0.8, 0.8005, 0.7995), rows(0.0, half=0.004))
    assert found.finding == NOT_FOUND
    assert found.is_equivalent(0.01)
    assert not found.is_equivalent(0.003)
    lost = Evidence((0.8, 0.801, 0.799), (0.81, 0.811, 0.809), rows(-0.01, half=0.004))
    assert lost.is_no_worse(0.02)
    assert not lost.is_no_worse(0.01)
    assert not Evidence((0.8,), (0.8,), rows(0.0, half=0.001)).is_equivalent(0.5)


# How often the rule is wrong where nothing differs, and finds what does; `python -m benchmarks
# noise` asks the same of trained models.


def trained(rng: np.random.Generator, truth: Floats, seeds: int, spread: float) -> Floats:
    """Logits [seeds, rows] of a recipe: what the rows hold, luck of the seed, luck of the row."""
    skill = 1 + spread * rng.normal(size=(seeds, 1))
    return skill * truth + rng.normal(size=(seeds, len(truth)))


def found_of(
    rng: np.random.Generator,
    seeds: tuple[int, int],
    spread: tuple[float, float],
    rate: float = 0.3,
    size: int = 400,
    gain: float = 0.0,
) -> Finding:
    truth = rng.normal(size=size)
    labels = (rng.random(size) < expit(2 * truth + np.log(rate))).astype(np.int64)
    models = (
        trained(rng, (1 + gain) * truth, seeds[0], spread[0]),
        trained(rng, truth, seeds[1], spread[1]),
    )
    if 0 < labels.sum() < size:
        a, b = ([METRICS["auc"].value(labels, seed) for seed in model] for model in models)
    else:
        a, b = [math.nan], [math.nan]
    return verdict("A", a, "B", b, "auc", "s", row_difference(labels, *models, "auc")).finding


@pytest.mark.parametrize(
    ("seeds", "spread"),
    [((3, 3), (0.3, 0.3)), ((5, 5), (0.02, 0.02)), ((5, 2), (0.3, 0.3)), ((3, 3), (0.3, 0.01))],
    ids=["lucky seeds", "steady seeds", "unequal", "one of each"],
)
def test_the_same_recipe_is_seldom_better_than_itself(
    seeds: tuple[int, int], spread: tuple[float, float]
) -> None:
    rng = np.random.default_rng(0)
    wrong = sum(found_of(rng, seeds, spread) in ("better", "worse") for _ in range(200))
    assert wrong <= 0.07 * 200


@pytest.mark.parametrize("positives", [1, 3, 10, 14])
def test_few_positives_seldom_make_one_better(positives: int) -> None:
    rng = np.random.default_rng(1)
    said = [found_of(rng, (3, 3), (0.02, 0.02), rate=positives / 400 / 2.5) for _ in range(200)]
    assert sum(finding in ("better", "worse") for finding in said) <= 0.07 * 200


def test_a_true_difference_is_found_with_five_seeds() -> None:
    rng = np.random.default_rng(2)
    said = [found_of(rng, (5, 5), (0.1, 0.1), size=1500, gain=1.0) for _ in range(60)]
    assert said.count("better") >= 0.8 * 60
