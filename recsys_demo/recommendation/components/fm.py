"""Factorization machine interactions in numpy, item fields and query fields apart.

Shapes: n rows, F fields, d numbers per vector, t order of FM.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from recsys_demo.config.components import FmConfig
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.components.base import JOIN, Explain, Row, Serve, Term
from recsys_demo.recommendation.weights import Floats, Index, Weights


class FmServe(Serve):
    """Halves are the kernels of the fields' vectors, [n, t + 1, d]."""

    def __init__(self, config: FmConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        self.order = config.order
        self.own = self.half(items)

    def half(self, codes: FieldCodes) -> Floats:
        return kernels(self.weights.vectors("fm", codes), self.order)

    def logits(self, query: Floats, rows: Index | None = None) -> Floats:
        # e_t of all fields = sum over i of e_i(items) e_(t - i)(query), summed over t >= 2.
        own, order = query[0], self.order
        weights = np.stack([own[max(2 - i, 0) : order - i + 1].sum(0) for i in range(order + 1)])
        items = self.own if rows is None else self.own[rows]
        return np.asarray(np.tensordot(items, weights, axes=2))


class FmExplain(Explain[FmServe]):
    """A term, an inner product, per pair of fields; higher orders as one term each."""

    def terms(self, row: Row) -> Iterator[Term]:
        names, order = list(row.codes.codes), self.serve.order
        vectors = self.serve.weights.vectors("fm", row.codes)
        for i, j in combinations(range(len(names)), 2):
            product = float(vectors[0, i] @ vectors[0, j])
            if product:
                pair = (names[i], names[j])
                yield Term("fm", JOIN.join(row.field(name) for name in pair), pair, product)
        if order > 2:
            sums = kernels(vectors, order)[0].sum(1)
            for degree in range(3, order + 1):
                told = f"all {degree} fields together"
                yield Term("fm", told, tuple(names), float(sums[degree]))


def kernels(vectors: Floats, order: int) -> Floats:
    """Elementary symmetric polynomials of degrees 0 ... `order` over the fields of vectors
    [n, F, d], [n, order + 1, d] (Blondel et al. 2016, algorithm 1)."""
    n, fields, size = vectors.shape
    found = np.zeros((n, order + 1, size))
    found[:, 0] = 1
    for field in range(fields):
        found[:, 1:] = found[:, 1:] + vectors[:, field, None] * found[:, :-1]
    return found
