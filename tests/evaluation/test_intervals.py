"""Intervals against their definitions and SciPy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from scipy.stats import ttest_ind

from recsys_demo.evaluation.intervals import (
    joined_interval,
    mean_interval,
    rates,
    seed_difference,
    seed_interval,
    symmetric_interval,
    unknown_interval,
    wilson,
)

Z = 1.959963984540054


@given(st.integers(1, 5000), st.floats(0, 1))
def test_bounds_solve_the_score_equation(trials: int, share: float) -> None:
    successes = round(trials * share)
    low, high = (float(bound) for bound in wilson(successes, trials))
    observed = successes / trials
    assert 0 <= low <= observed <= high <= 1
    for bound in {low, high} - {0.0, 1.0}:
        distance = Z * math.sqrt(bound * (1 - bound) / trials)
        assert abs(observed - bound) == pytest.approx(distance, abs=1e-9)


def test_nothing_tried_says_nothing() -> None:
    low, high = wilson([0, 0], [0, 10])
    assert (low[0], high[0]) == (0.0, 1.0)
    assert (low[1], high[1]) == (0.0, pytest.approx(0.2775328, abs=1e-6))
    assert np.isnan(rates([0, 1], [0, 4])[0])
    assert rates([0, 1], [0, 4])[1] == 0.25


def test_intervals_cover_as_often_as_they_say() -> None:
    draws = np.random.default_rng(0).binomial(40, 0.1, 20_000)
    low, high = wilson(draws, 40)
    assert 0.93 < np.mean((low <= 0.1) & (high >= 0.1)) < 0.98


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=8))
def test_the_interval_over_seeds_is_students(values: list[float]) -> None:
    found = seed_interval([*values, math.nan])
    error = np.std(values, ddof=1) / math.sqrt(len(values))
    assert (found.value, found.n) == (pytest.approx(np.mean(values), abs=1e-9), len(values))
    if error > 1e-12:
        low, high = student.interval(0.95, len(values) - 1, np.mean(values), error)
        assert (found.low, found.high) == pytest.approx((low, high))


def test_one_seed_has_no_interval_and_none_no_value() -> None:
    assert (seed_interval([0.5]).value, seed_interval([0.5]).is_known) == (0.5, False)
    assert math.isnan(seed_interval([]).value)
    assert not mean_interval(np.array([0.5])).is_known
    assert not seed_difference([0.8], [0.7, 0.71]).is_known
    with pytest.raises(ValueError, match="no seed"):
        seed_difference([math.nan], [0.7])


def test_differences_over_seeds_are_compared_as_scipy_does() -> None:
    a, b = [0.8, 0.82, 0.81, 0.79], [0.75, 0.78, 0.74]
    found = seed_difference(a, b)
    expected = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high, found.n) == pytest.approx((expected.low, expected.high, 3))


def test_two_kinds_of_luck_join_as_the_sides_of_a_right_angle() -> None:
    both = joined_interval(
        symmetric_interval(0.5, 3.0, method="rows"),
        symmetric_interval(0.5, 4.0, method="seeds", n=5),
    )
    assert (both.low, both.high) == pytest.approx((-4.5, 5.5))
    assert (both.method, both.n) == ("rows and seeds", 5)
    assert not joined_interval(unknown_interval(0.5), symmetric_interval(0.5, 4.0)).is_known


def test_turned_round_and_at_another_level() -> None:
    found = -symmetric_interval(2.0, 1.96)
    assert (found.value, found.low, found.high) == pytest.approx((-2.0, -3.96, -0.04))
    assert found.excludes_zero
    assert symmetric_interval(0.0, 1.96).at(0.99).half_width == pytest.approx(2.5758, abs=1e-3)
