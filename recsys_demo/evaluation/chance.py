"""Whether two shares differ by more than chance, for many pairs at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, gammaln, rel_entr  # scipy.stats would take a second to import

from recsys_demo.evaluation.metrics import Floats

FEW = 5  # expected in a cell; below, the test is exact
Counts = npt.NDArray[np.int64]


def chance(positives: Counts, rows: Counts, others: Counts, other_rows: Counts) -> Floats:
    """How likely two shares differ as much as these where they are truly alike, two-sided, [n]:
    `positives` of `rows` against `others` of `other_rows`; 1 where a side has no rows.

    The likelihood ratio (G²) where all four counts are expected to be at least `FEW`, else Fisher's
    exact test, twice its smaller tail.
    """
    total, taken = rows + other_rows, positives + others
    share = taken / np.maximum(total, 1)
    observed = np.stack([positives, rows - positives, others, other_rows - others])
    expected = np.stack([rows * share, rows * (1 - share)])
    expected = np.concatenate([expected, [other_rows * share, other_rows * (1 - share)]])
    p = np.asarray(chdtrc(1, 2 * np.maximum(rel_entr(observed, expected).sum(axis=0), 0)))
    few = expected.min(axis=0) < FEW
    p[few] = _exact(positives[few], rows[few], taken[few], total[few])
    return np.where((rows > 0) & (other_rows > 0), p, 1.0)


def adjusted_p_values(p: Floats) -> Floats:
    """p-values of tests that are made together, so that of those called clear at a level no larger
    share is false (Benjamini and Hochberg 1995)."""
    order = np.argsort(p)[::-1]
    ranked = p[order] * len(p) / np.arange(len(p), 0, -1)
    found = np.empty_like(p)
    found[order] = np.minimum.accumulate(np.minimum(ranked, 1))
    return found


def _exact(positives: Counts, rows: Counts, taken: Counts, total: Counts) -> Floats:
    """Fisher's test: given all margins, `positives` is hypergeometric. Its shorter tail is summed,
    the other one is what is left."""
    least, most = np.maximum(0, rows + taken - total), np.minimum(rows, taken)
    is_low = positives - least <= most - positives
    length = np.where(is_low, positives - least, most - positives) + 1
    test = np.repeat(np.arange(len(rows)), length)
    step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    count = np.where(is_low, least, positives)[test] + step
    terms = _probability(count, rows[test], taken[test], total[test])
    tail = np.bincount(test, terms, minlength=len(rows))
    rest = 1 - tail + _probability(positives, rows, taken, total)
    return np.asarray(np.clip(2 * np.minimum(tail, rest), 0, 1), dtype=np.float64)


def _probability(count: Counts, rows: Counts, taken: Counts, total: Counts) -> Floats:
    ways = _log_ways(rows, count) + _log_ways(total - rows, taken - count) - _log_ways(total, taken)
    return np.asarray(np.exp(ways), dtype=np.float64)


def _log_ways(of: Counts, chosen: Counts) -> Floats:
    return np.asarray(gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1))
