"""Boosted trees in numpy, and the exact Shapley value of each field.

v(S) is the mean, over some average rows b, of the trees' logit for a row that has the values of x
in the fields of S and those of b in all others. A tree is a function of the few fields that it asks
on the way, so that its Shapley values are those of its leaves (Lundberg et al. 2020, algorithm 3):
a leaf that needs x in the fields X and b in the fields B, and its answer v, gives

    to each field of X  +v (|X| - 1)! |B|! / (|X| + |B|)!
    to each field of B  -v |X|! (|B| - 1)! / (|X| + |B|)!

Shapes: n rows, p columns, F fields, m average rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import factorial

import numpy as np

from recsys_demo.config.components import TreesConfig
from recsys_demo.features.fields import FieldCodes
from recsys_demo.models.trees.boosted import BoostedTrees
from recsys_demo.models.trees.forest import LEAF, Bytes, Forest
from recsys_demo.recommendation.components.base import Explain, Row, Serve, Term
from recsys_demo.recommendation.components.field_shares import AVERAGE
from recsys_demo.recommendation.weights import Floats, Index, Weights

MOST_ROWS = 64  # average rows that a score is compared with


class TreesServe(Serve):
    """Halves are the bins of the columns, [n, p]."""

    def __init__(self, config: TreesConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        prefix = f"{config.kind}."
        state = {n.removeprefix(prefix): a for n, a in weights.state.items() if prefix in n}
        self.grown = BoostedTrees.fresh(weights.encoder.fields, config).of_state(state)
        columns = self.grown.columns.all
        self.of_items = np.array([column.field in items.codes for column in columns], dtype=bool)
        self.own = self.half(items)

    def half(self, codes: FieldCodes) -> Bytes:
        return self.grown.bins(codes)

    def logits(self, query: Bytes, rows: Index | None = None) -> Floats:
        own = self.own if rows is None else self.own[rows]
        forest = self.grown.forest
        return forest.logits(own, forest.shortcuts(query[0], ~self.of_items))

    def whole(self, codes: FieldCodes) -> Floats:
        return self.grown.logits(codes)


class TreesExplain(Explain[TreesServe]):
    """A term for average rows, and the share of each field."""

    note = (
        "The trees' terms are exact Shapley values: what a field adds to the trees' logit, "
        "averaged over all orders in which fields can become known. The baseline is the mean of "
        f"{MOST_ROWS} rows, people known and items of the catalogue taken at even distances."
    )

    def terms(self, row: Row) -> Iterator[Term]:
        forest = self.serve.grown.forest
        names = list(row.codes.codes)
        columns = self.serve.grown.columns.all
        field = np.array([names.index(column.field) for column in columns], dtype=np.int64)
        bins = self.serve.half(row.codes)[0]
        yield Term("trees", AVERAGE, (), float(forest.logits(self.average).mean()))
        shares = field_shares(forest, bins, self.average, field, len(names))
        for name, value in zip(names, shares.tolist(), strict=True):
            yield Term("trees", row.field(name), (name,), value)

    @cached_property
    def average(self) -> Bytes:
        """Rows of people and items at even distances, [m, p]."""
        serve, known = self.serve, self.known()
        of_people = serve.half(_evenly(known))
        of_items = serve.half(_evenly(serve.items))
        # The other way round, so that neighbours among people do not meet neighbours among items.
        return np.where(serve.of_items, of_items[::-1], of_people)


def _evenly(codes: FieldCodes) -> FieldCodes:
    """So many rows at even distances; fewer rows come several times."""
    return codes.take(np.linspace(0, len(codes) - 1, MOST_ROWS).round().astype(np.int64))


def field_shares(forest: Forest, row: Bytes, average: Bytes, field: Index, fields: int) -> Floats:
    """The Shapley value of every field, [F], for the bins of a row [p] against those of average
    rows [m, p]; `field` [p] is the field of each column."""
    at = np.repeat(forest.roots, len(average))
    other = np.tile(np.arange(len(average)), len(forest.roots))
    own = np.zeros((2, len(at), fields), dtype=bool)  # fields that have to be x's, and b's
    shares = np.zeros(fields)
    while len(at):
        leaf = forest.column[at] == LEAF
        shares += _of_leaves(forest.value[at[leaf]], own[:, leaf])
        at, other, own = at[~leaf], other[~leaf], own[:, ~leaf]
        column = forest.column[at]
        asked = field[column]
        here = np.arange(len(at))
        ways = [forest.step(at, row[column]), forest.step(at, average[other, column])]
        fixed = own[:, here, asked]
        apart = (ways[0] != ways[1]) & ~fixed.any(0)
        # Where both go the same way, or the field is x's already, one way is gone: else two.
        first = np.where(fixed[1], ways[1], ways[0])
        split = np.flatnonzero(apart)
        ours, theirs = own.copy(), own[:, split]
        ours[0, split, asked[split]] = True
        theirs[1, np.arange(len(split)), asked[split]] = True
        at = np.concatenate([first, ways[1][split]])
        other = np.concatenate([other, other[split]])
        own = np.concatenate([ours, theirs], axis=1)
    return shares / len(average)


def _of_leaves(values: Floats, own: np.ndarray) -> Floats:
    """What leaves [n] give to the fields; `own` [2, n, F] are those of x, and of b."""
    x, b = own.sum(2)
    up = values * _weight(x - 1, b) @ own[0]
    down = values * _weight(x, b - 1) @ own[1]
    return np.asarray(up - down)


_FACTORIALS = np.array([float(factorial(n)) for n in range(171)])  # the next one is infinite


def _weight(one: Index, other: Index) -> Floats:
    """one! other! / (one + other + 1)!, 0 where one of them is negative."""
    a, b = np.maximum(one, 0), np.maximum(other, 0)
    found = _FACTORIALS[a] / _FACTORIALS[a + b + 1] * _FACTORIALS[b]
    return np.where((one < 0) | (other < 0), 0.0, found)
