"""Grown trees as arrays, and their scores in numpy.

A column's numbers are cut at the thresholds that some tree asks for, so that every column is small
whole numbers, its *bins*; a node knows for each bin whether it goes left. Nothing of scikit-learn
is needed to score, and nothing is run to load.

Shapes: n rows, p columns, T trees, N nodes, E thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

BINS = 256
MISSING = BINS - 1  # the bin of what is not a number
LEAF = -1  # the column that a leaf asks for
BLOCK = 500_000  # places in trees that are followed at a time

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Forest:
    """Trees whose answers add up.

    `roots` [T] are nodes. A node asks for `column` [N], `LEAF` if it asks nothing; the bins that go
    left are set in `goes_left` [N, 32], eight bins a byte; `left` and `right` [N] are the nodes
    below it, which come later than itself; `value` [N] is a leaf's answer. The thresholds of column
    i are `thresholds[starts[i]:starts[i + 1]]`, rising; a column of categories has none.
    """

    roots: Ints
    column: Ints
    left: Ints
    right: Ints
    goes_left: Bytes
    value: Floats
    starts: Ints
    thresholds: Floats

    @property
    def columns(self) -> int:
        """Number of columns p."""
        return len(self.starts) - 1

    def state(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def of_state(cls, state: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The forest of these arrays. Raises ValueError if they are none."""
        forest = cls(**{field.name: np.asarray(state[field.name]) for field in fields(cls)})
        forest.check()
        return forest

    @classmethod
    def empty(cls, columns: int) -> Self:
        """No trees."""
        none = np.zeros(0, dtype=np.int32)
        nothing = np.zeros(0)
        starts = np.zeros(columns + 1, dtype=np.int32)
        bits = np.zeros((0, BINS // 8), dtype=np.uint8)
        return cls(none, none, none, none, bits, nothing, starts, nothing)

    def check(self) -> None:
        """Raise ValueError unless every way through a tree ends at a leaf of its own."""
        nodes = len(self.value)
        asks = self.column != LEAF
        at, below = np.flatnonzero(asks), np.stack([self.left[asks], self.right[asks]])
        sound = (
            len(self.column) == len(self.left) == len(self.right) == nodes
            and self.goes_left.shape == (nodes, BINS // 8)
            and _within(self.roots, nodes)
            and _within(self.column[asks], self.columns)
            and _within(below, nodes)
            and bool((below > at).all())
            and self.starts[0] == 0
            and self.starts[-1] == len(self.thresholds)
            and bool((np.diff(self.starts) >= 0).all() and (np.diff(self.starts) < MISSING).all())
            and bool(np.isfinite(self.value).all() and not np.isnan(self.thresholds).any())
        )
        if not sound:
            raise ValueError("the trees' arrays do not fit together")

    def bins(self, values: Floats) -> Bytes:
        """Columns [n, p] as bins. A column without thresholds is one of categories, or is asked for
        by no tree."""
        found = np.full(values.shape, MISSING, dtype=np.uint8)
        for place in range(self.columns):
            own = values[:, place]
            there = ~np.isnan(own)
            cuts = self.thresholds[self.starts[place] : self.starts[place + 1]]
            known = own[there]
            found[there, place] = np.searchsorted(cuts, known) if len(cuts) else known
        return found

    def logits(self, bins: Bytes, shortcuts: Ints | None = None) -> Floats:
        """What all trees add to the logit of each row, [n], added up in the order of the trees;
        `shortcuts` spare the questions whose answers all rows share."""
        leads = np.arange(len(self.column), dtype=np.int32) if shortcuts is None else shortcuts
        total = np.zeros(len(bins))
        rows = max(1, BLOCK // max(1, len(self.roots)))
        for start in range(0, len(bins), rows):
            block = slice(start, start + rows)
            for answers in self.value[self._leaves(bins[block], leads)]:
                total[block] += answers
        return total

    def shortcuts(self, bins: Bytes, shared: npt.NDArray[np.bool_]) -> Ints:
        """Where each node leads to, [N], while it asks for `shared` columns [p] of rows whose bins
        there are `bins` [p]."""
        leads = np.arange(len(self.column), dtype=np.int32)
        known = (self.column != LEAF) & shared[self.column]
        leads[known] = self.step(leads[known], bins[self.column[known]])
        while True:
            further = leads[leads]
            if np.array_equal(further, leads):
                return leads
            leads = further

    def _leaves(self, bins: Bytes, leads: Ints) -> Ints:
        """The leaf of every row in every tree, [T, n]."""
        rows = np.tile(np.arange(len(bins)), len(self.roots))
        at = np.repeat(leads[self.roots], len(bins))
        going = np.flatnonzero(self.column[at] != LEAF)
        while len(going):
            here = at[going]
            below = leads[self.step(here, bins[rows[going], self.column[here]])]
            at[going] = below
            going = going[self.column[below] != LEAF]
        return at.reshape(len(self.roots), len(bins))

    def step(self, nodes: Ints, bins: Bytes) -> Ints:
        """The nodes below these, for the bins of the columns that they ask for."""
        return np.where(self._turns[nodes, bins], self.left[nodes], self.right[nodes])

    @cached_property
    def _turns(self) -> npt.NDArray[np.bool_]:
        """Whether a node sends a bin left, [N, 256]."""
        return np.unpackbits(self.goes_left, axis=1, bitorder="little").astype(bool)


def _within(numbers: Ints, size: int) -> bool:
    return bool(((numbers >= 0) & (numbers < size)).all())
