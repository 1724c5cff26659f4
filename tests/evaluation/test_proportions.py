"""Wilson intervals against their definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.evaluation.proportions import rates, wilson

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
