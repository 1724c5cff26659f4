"""Factorization machine interactions in numpy, item fields and query fields apart.

Shapes: n rows, F fields, d numbers per vector, t order of FM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from recsys_demo.config.components import FmConfig
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.components.base import JOIN, Explain, Row, Serve, Term
from recsys_demo.recommendation.weights import Floats, Index, Weights


@dataclass(frozen=True, eq=False)
class FmHalf:
    """What the fields of one side bring: their kernels [n, t + 1, d], and with weights of pairs
    what their own pairs have more by them [n] and their vectors [n, F, d]."""

    kernels: Floats
    own: Floats
    vectors: Floats
    names: Sequence[str]


class FmServe(Serve):
    """Halves are `FmHalf`s. Weights of pairs add sum over i<j of (r_ij - 1) <V_i, V_j>."""

    def __init__(self, config: FmConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        self.order = config.order
        self.more = self._more() if config.field_weights else None
        fields = weights.encoder.fields
        names = [*fields.single_fields, *fields.numeric_fields, *fields.multi_fields]
        self.place = {name: place for place, name in enumerate(names)}
        self.own = self.half(items)

    def _more(self) -> Floats:
        """r_ij - 1 for all pairs of different fields, [F, F]."""
        fields = len(self.weights.encoder.fields.schema.fields)
        more = np.zeros((fields, fields))
        more[np.triu_indices(fields, 1)] = self.weights["fm.pairs"].astype(np.float64) - 1
        return more + more.T

    def half(self, codes: FieldCodes) -> FmHalf:
        vectors, names = self.weights.vectors("fm", codes), list(codes.codes)
        weighted = np.zeros(len(codes))
        if self.more is not None:
            between = self._between(names, names)
            weighted = np.einsum("nid,ij,njd->n", vectors, between, vectors, optimize=True) / 2
        return FmHalf(kernels(vectors, self.order), weighted, vectors, names)

    def _between(self, names: Sequence[str], others: Sequence[str]) -> Floats:
        """r_ij - 1 between fields, [names, others]."""
        assert self.more is not None  # asked of weighted pairs only
        rows, columns = ([self.place[name] for name in side] for side in (names, others))
        return np.asarray(self.more[np.ix_(rows, columns)])

    def logits(self, query: FmHalf, rows: Index | None = None) -> Floats:
        # e_t of all fields = sum over i of e_i(items) e_(t - i)(query), summed over t >= 2.
        own, order = query.kernels[0], self.order
        weights = np.stack([own[max(2 - i, 0) : order - i + 1].sum(0) for i in range(order + 1)])
        picked: slice | Index = slice(None) if rows is None else rows
        total = np.asarray(np.tensordot(self.own.kernels[picked], weights, axes=2))
        if self.more is None:
            return total
        met = self._between(self.own.names, query.names) @ query.vectors[0]
        both = np.tensordot(self.own.vectors[picked], met, axes=2)
        return np.asarray(total + self.own.own[picked] + query.own[0] + both)

    def whole(self, codes: FieldCodes) -> Floats:
        half = self.half(codes)
        return np.asarray(half.kernels[:, 2:].sum((1, 2)) + half.own)

    def weight(self, one: str, other: str) -> float:
        """The weight of a pair of fields, 1 where the model has none."""
        return 1.0 if self.more is None else 1 + float(self._between([one], [other])[0, 0])


class FmExplain(Explain[FmServe]):
    """A term, an inner product, per pair of fields; higher orders as one term each."""

    def terms(self, row: Row) -> Iterator[Term]:
        names, order = list(row.codes.codes), self.serve.order
        vectors = self.serve.weights.vectors("fm", row.codes)
        for i, j in combinations(range(len(names)), 2):
            product = float(vectors[0, i] @ vectors[0, j]) * self.serve.weight(names[i], names[j])
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
