"""Tests of shares against SciPy's, and what they call clear where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, false_discovery_control, hypergeom

from recsys_demo.evaluation.chance import FEW, adjusted_p_values, chance

SIDES = st.tuples(st.integers(0, 60), st.integers(0, 60))


def one(side: tuple[int, int], other: tuple[int, int]) -> float:
    """Positives and the rest of two sides."""
    (a, b), (c, d) = side, other
    return float(chance(*(np.array([n]) for n in (a, a + b, c, c + d)))[0])


@settings(deadline=None)
@given(SIDES, SIDES)
def test_it_is_scipys_test(side: tuple[int, int], other: tuple[int, int]) -> None:
    (a, b), (c, d) = side, other
    if not (a + b and c + d):
        assert one(side, other) == 1
        return
    if a + c and b + d:
        table = np.array([side, other])
        found = chi2_contingency(table, correction=False, lambda_="log-likelihood")
        if found.expected_freq.min() >= FEW:
            assert one(side, other) == pytest.approx(found.pvalue, abs=1e-6)
            return
    exact = hypergeom(a + b + c + d, a + c, a + b)
    tail = min(exact.cdf(a), exact.sf(a - 1))
    assert one(side, other) == pytest.approx(min(1, 2 * tail), abs=1e-9)
    assert one(other, side) == pytest.approx(one(side, other), abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusting_is_scipys(p: list[float]) -> None:
    assert adjusted_p_values(np.array(p)) == pytest.approx(false_discovery_control(p))


def test_nothing_to_test_is_nothing() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert len(adjusted_p_values(chance(nothing, nothing, nothing, nothing))) == 0


def test_of_many_pairs_alike_hardly_ever_one_is_called_clear() -> None:
    """2,000 pairs drawn from one share, 100 times: in at most 7 of 100 any is called clear."""
    random = np.random.default_rng(0)
    wrong = 0
    for _ in range(100):
        rows = random.integers(1, 40, 2_000)
        others = random.integers(50, 5_000, 2_000)
        share = random.uniform(0.02, 0.5, 2_000)
        p = chance(random.binomial(rows, share), rows, random.binomial(others, share), others)
        wrong += bool((adjusted_p_values(p) <= 0.05).any())
    assert wrong <= 7
