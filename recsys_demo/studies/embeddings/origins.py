"""Where a guess about a pair that was never seen comes from: the seen pairs nearest to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.intervals import wilson
from recsys_demo.studies.embeddings.quality import normalized
from recsys_demo.studies.embeddings.vectors import FieldVectors, Index, Matrix

NEAREST = 8
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SeenPairs:
    """Of the training rows, [n, m]: how often values of a field and of another were `shown`
    together, and how often that was `taken`; `base_rate` of all rows."""

    shown: Counts
    taken: Counts
    base_rate: float


@dataclass(frozen=True, eq=False)
class Origins:
    """The seen pairs nearest to `pair`, nearest first, [k]: `rows` and `columns` of both fields,
    and `nearness`, the smaller of the cosines of both ends: one far end makes a pair far."""

    first: FieldVectors
    second: FieldVectors
    pair: tuple[int, int]
    rows: Index
    columns: Index
    nearness: Matrix
    seen: SeenPairs

    @property
    def shown(self) -> Counts:
        """Training rows of each, [k]."""
        return self.seen.shown[self.rows, self.columns]

    @property
    def taken(self) -> Counts:
        """How many of them were taken, [k]."""
        return self.seen.taken[self.rows, self.columns]

    def sentence(self) -> str:
        """What the nearest seen pairs say, with their numbers, or that they say nothing."""
        pair = f"{self.first.names[self.pair[0]]} x {self.second.names[self.pair[1]]}"
        own, shown = int(self.seen.shown[self.pair]), int(self.shown.sum())
        met = f"was seen {own:,} times" if own else "was never seen"
        if not shown:
            return f"{pair} {met}, and no other pair of these values was: there is nothing near."
        taken, base = int(self.taken.sum()), self.seen.base_rate
        near = f"{pair} {met}. The {len(self.rows)} nearest seen pairs were taken"
        low, high = (float(bound) for bound in wilson(taken, shown))
        if low <= base <= high:
            return (
                f"{near} {taken:,} of {shown:,} times, which could be chance at {base:.0%} "
                "overall: they say nothing."
            )
        more = "more" if taken > base * shown else "less"
        return f"{near} {taken / shown:.0%} of {shown:,} times, {more} than the {base:.0%} overall."


def origins(
    first: FieldVectors,
    second: FieldVectors,
    pair: tuple[int, int],
    seen: SeenPairs,
    k: int = NEAREST,
) -> Origins:
    """Both ends by cosine among the values given; where two pairs are as near, the one seen more
    often comes first. The pair itself is left out."""
    ends = (_cosines(first, pair[0])[:, None], _cosines(second, pair[1])[None, :])
    near = np.minimum(*ends)
    candidates = seen.shown > 0
    candidates[pair] = False
    rows, columns = np.nonzero(candidates)
    order = np.lexsort((-seen.shown[rows, columns], -near[rows, columns]))[:k]
    rows, columns = rows[order], columns[order]
    return Origins(first, second, pair, rows, columns, near[rows, columns], seen)


def _cosines(field: FieldVectors, row: int) -> Matrix:
    """Of one value's vector and those of all, [n]; rounded, so that equal ones are equal."""
    space = normalized(field.vectors, "cosine")
    return np.asarray(np.round(space @ space[row], 12))
