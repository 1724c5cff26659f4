"""What a factorization has understood: inner products of two fields beside the observed lift."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

from recsys_demo.evaluation.chance import adjusted_p_values
from recsys_demo.evaluation.intervals import LEVEL, RESAMPLES, Interval
from recsys_demo.features.fields import FieldCodes
from recsys_demo.features.vocabulary import Codes
from recsys_demo.studies.embeddings.vectors import FieldVectors, Matrix

PRIOR_ROWS = 5.0  # rows of the expected rate added to each pair: rare pairs say little
LARGE = 0.5  # share of the observed lift that counts as understood
Verdict = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class PairLift:
    """Values a of one field x values b of another, all arrays [a, b].

    `inner`: <V_a, V_b> less the means of its row and column, which are no interaction.
    `observed`: log-odds of a 1 beyond what a and b say alone, shrunk by `PRIOR_ROWS`; `error` its
    standard error. `rows` training rows with both.

    `learned` is `inner` times `scale`, the factor that fits `observed` best (weighted least
    squares): members of a set are averaged and like values come together, so that the products of
    one pair alone are not on the scale of the log-odds. Never negative.
    """

    first: FieldVectors
    second: FieldVectors
    inner: Matrix
    observed: Matrix
    error: Matrix
    rows: npt.NDArray[np.int64]
    positives: npt.NDArray[np.int64]

    @cached_property
    def scale(self) -> float:
        """The factor between inner products and observed lift."""
        weight = np.where(self.rows > 0, self.error**-2, 0.0)
        squares = float((weight * self.inner**2).sum())
        return (
            max(float((weight * self.inner * self.observed).sum()) / squares, 0) if squares else 0
        )

    @cached_property
    def learned(self) -> Matrix:
        """Inner products on the scale of the observed lift."""
        return np.asarray(self.inner * self.scale)

    @cached_property
    def clear(self) -> npt.NDArray[np.bool_]:
        """Pairs whose observed lift is more than noise, all pairs with rows tested together."""
        there = self.rows > 0
        found = np.zeros(there.shape, dtype=np.bool_)
        p = 2 * norm.sf(np.abs(self.observed[there]) / self.error[there])
        found[there] = adjusted_p_values(p) <= 1 - LEVEL
        return found

    @property
    def understood(self) -> npt.NDArray[np.bool_]:
        """Clear pairs of which the inner product has the sign and at least half the size."""
        share = self.learned * np.sign(self.observed)
        found: npt.NDArray[np.bool_] = share >= LARGE * np.abs(self.observed)
        return self.clear & found


def pair_lift(
    first: FieldVectors,
    second: FieldVectors,
    codes: FieldCodes,
    labels: npt.NDArray[np.uint8],
    value_codes: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
) -> PairLift:
    """Compare the two. `codes` and `labels` are of the training rows; `value_codes` are the codes
    of the values of `first` and `second`."""
    a, b = (
        positions(codes.of(field.field), values)
        for field, values in zip((first, second), value_codes, strict=True)
    )
    rows, positives = pair_counts(a, b, labels, (len(first), len(second)))
    rate = np.array([labels.mean()]) if len(labels) else np.array([0.5])
    own = [_rates(place, labels, len(field)) for place, field in ((a, first), (b, second))]
    expected = logit(own[0])[:, None] + logit(own[1])[None, :] - logit(rate)
    share = expit(expected)
    ones = positives + PRIOR_ROWS * share
    zeros = rows - positives + PRIOR_ROWS * (1 - share)
    inner = first.vectors @ second.vectors.T
    return PairLift(
        first=first,
        second=second,
        inner=inner - inner.mean(0) - inner.mean(1, keepdims=True) + inner.mean(),
        observed=np.log(ones / zeros) - expected,
        error=np.sqrt(1 / ones + 1 / zeros),
        rows=rows,
        positives=positives,
    )


def agreement(lift: PairLift, min_rows: int = 1, seed: int = 0) -> Interval:
    """Rank correlation (Spearman) of inner products and observed lift over the pairs with enough
    rows, with a bootstrap interval over pairs."""
    there = lift.rows >= min_rows
    learned, observed = lift.inner[there], lift.observed[there]
    if len(learned) < 3:
        return Interval(np.nan, np.nan, np.nan)
    a, b = rankdata(learned), rankdata(observed)
    random = np.random.default_rng(seed)
    draws = [
        _correlation(a[index], b[index])
        for index in (random.integers(0, len(a), len(a)) for _ in range(RESAMPLES // 5))
    ]
    low, high = np.nanquantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(_correlation(a, b), float(low), float(high))


def blurred_pairs(
    lift: PairLift, limit: int = 20, planted: Collection[tuple[str, str]] = ()
) -> pd.DataFrame:
    """The clear pairs that the inner products miss most, in standard errors; `planted` marks the
    exceptions a planted data set knows of."""
    missed = lift.clear & ~lift.understood
    gap = np.where(missed, np.abs(lift.observed - lift.learned) / lift.error, -np.inf)
    order = np.argsort(-gap, axis=None, kind="stable")[: min(limit, int(missed.sum()))]
    i, j = np.unravel_index(order, gap.shape)
    known = set(planted)
    return pd.DataFrame(
        {
            lift.first.field: [lift.first.names[x] for x in i],
            lift.second.field if lift.second.field != lift.first.field else "with": [
                lift.second.names[x] for x in j
            ],
            "rows": lift.rows[i, j],
            "rate": lift.positives[i, j] / np.maximum(lift.rows[i, j], 1),
            "observed": lift.observed[i, j],
            "learned": lift.learned[i, j],
            "planted": [
                (lift.first.values[x], lift.second.values[y]) in known
                for x, y in zip(i, j, strict=True)
            ],
        }
    )


def linkage_orders(lift: PairLift) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Orders of both sides that put values with like lifts side by side (average linkage)."""
    return _leaves(lift.observed), _leaves(lift.observed.T)


def pair_counts(
    a: npt.NDArray[np.int64],
    b: npt.NDArray[np.int64],
    labels: npt.NDArray[np.uint8],
    shape: tuple[int, int],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows that have both, and those of them with label 1, [shape] each. `a` [rows, k] and `b`
    [rows, l] are positions, -1 for none."""
    return count_pairs(a, b, shape), count_pairs(a[labels == 1], b[labels == 1], shape)


def count_pairs(
    a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], shape: tuple[int, int]
) -> npt.NDArray[np.int64]:
    """Rows that have both, [shape]. `a` [rows, k] and `b` [rows, l] are positions, -1 for none."""
    counts = np.zeros(shape[0] * shape[1], dtype=np.int64)
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            both = (a[:, i] >= 0) & (b[:, j] >= 0)
            counts += np.bincount(a[both, i] * shape[1] + b[both, j], minlength=len(counts))
    return counts.reshape(shape)


def positions(column: Codes, values: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Codes [rows, k] as positions in `values`, -1 for every other code."""
    at = np.full(max(int(column.max(initial=0)), int(values.max(initial=0))) + 2, -1)
    at[values] = np.arange(len(values))
    positions: npt.NDArray[np.int64] = at[column]  # code -1 reads the last entry, which is -1
    return positions


def _rates(
    places: npt.NDArray[np.int64], labels: npt.NDArray[np.uint8], values: int
) -> npt.NDArray[np.float64]:
    """Rate of ones among the rows with each value, shrunk a little to the rate of all."""
    there = places >= 0
    rows = np.bincount(places[there], minlength=values)
    ones = np.bincount(
        places[there], weights=np.repeat(labels, there.sum(1)).astype(np.float64), minlength=values
    )
    base = np.clip(labels.mean() if len(labels) else 0.5, 1e-6, 1 - 1e-6)
    rates: npt.NDArray[np.float64] = (ones + PRIOR_ROWS * base) / (rows + PRIOR_ROWS)
    return rates


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum() / scale) if scale else float("nan")


def _leaves(rows: Matrix) -> npt.NDArray[np.int32]:
    if len(rows) < 3:
        return np.arange(len(rows), dtype=np.int32)
    return np.asarray(leaves_list(linkage(rows, "average")), dtype=np.int32)
