"""Numeric fields as quantile positions (W&D, section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

MISSING_POSITION = 0.5  # says neither low nor high
SHORTEST = 6  # digits of a number in the name of a bin, more where bins would share a name
BINS = 10  # a cross sees a numeric field as at most this many bins


@dataclass(frozen=True)
class Quantiles:
    """The training distribution of one numeric field.

    A value x is mapped to P(X <= x) over the training rows, cut into n_q quantiles; a value in the
    i-th becomes (i - 1) / (n_q - 1), in [0, 1]. `cuts` are the values at which i changes,
    `numbers` the i from there on.
    """

    field: str
    n_q: int
    cuts: tuple[float, ...]
    numbers: tuple[int, ...]

    def positions(self, column: pd.Series) -> npt.NDArray[np.float32]:
        """Quantile position of every row, [rows]; `MISSING_POSITION` where the value is missing."""
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if not self.cuts:
            return np.full(len(values), MISSING_POSITION, dtype=np.float32)
        # Below the smallest training value P(X <= x) is 0: the first quantile.
        number = np.array([1, *self.numbers])[np.searchsorted(self.cuts, values, side="right")]
        position = (number - 1) / (self.n_q - 1)
        return np.where(np.isnan(values), MISSING_POSITION, position).astype(np.float32)

    def bins(self, column: pd.Series) -> npt.NDArray[np.int32]:
        """Bin of every row for crosses, [rows, 1]: 1 ... `n_bins`, -1 where there is no value.

        Without any training value there is no bin, and no row has one.
        """
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        edges = np.array(self._edges())
        if not len(edges):
            return np.full((len(values), 1), -1, dtype=np.int32)
        number = np.searchsorted(edges, values, side="right").astype(np.int32)
        return np.where(np.isnan(values), -1, np.maximum(number, 1)).reshape(-1, 1)

    @property
    def n_bins(self) -> int:
        """How many bins crosses see."""
        return len(self._edges())

    def bin_name(self, number: int) -> str:
        """The range of a bin in the field's unit, as a person reads it; each bin has its own."""
        names = self._edge_names
        if number == len(names):
            return f"{names[-1]}+"
        if number == 1:
            return f"<{names[1]}"
        return f"{names[number - 1]}..<{names[number]}"

    @cached_property
    def _edge_names(self) -> list[str]:
        """The lower ends with as many digits as tell them apart; 17 always do."""
        edges = self._edges()
        digits = range(SHORTEST, 18)
        written = ([f"{edge:.{n}g}" for edge in edges] for n in digits)
        return next(names for names in written if len(set(names)) == len(edges))

    def _edges(self) -> list[float]:
        """Lower ends of at most `BINS` bins of about equally many training rows."""
        edges: dict[int, float] = {}
        for cut, number in zip(self.cuts, self.numbers, strict=True):
            edges.setdefault((number - 1) * BINS // self.n_q, cut)
        return list(edges.values())


def fit_quantiles(column: pd.Series, field: str, n_q: int) -> Quantiles:
    """Quantiles of the training rows that have a value."""
    return quantiles_of(*number_counts(column), field, n_q)


def number_counts(column: pd.Series) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """The different numbers of a column in rising order, and in how many rows each occurs."""
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    unique, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return unique, counts.astype(np.int64)


def quantiles_of(
    unique: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], field: str, n_q: int
) -> Quantiles:
    """`fit_quantiles` for numbers whose rows are counted already."""
    if not len(unique):
        return Quantiles(field, n_q, (), ())
    # Whole-number arithmetic: ceil(P(X <= x) * n_q) must not depend on rounding.
    number = -(-np.cumsum(counts) * n_q // counts.sum())
    first = np.flatnonzero(np.diff(number, prepend=0))
    return Quantiles(
        field, n_q, tuple(unique[first].tolist()), tuple(int(i) for i in number[first])
    )
