"""Two fields of a factorization machine on one map: near means that the inner product is large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_demo.studies.embeddings.vectors import SUPPORT, FieldVectors, Matrix

VALUES = 400  # of a field, those with most support


@dataclass(frozen=True, eq=False)
class TwoFields:
    """`first_places` [n, 2] and `second_places` [m, 2]: their inner products are the best that two
    dimensions can do for those of the vectors, whose `carried` share of the squares they hold.
    `products` [n, m] are those of the vectors, without the means of rows and columns, which say
    what a value does to every pair."""

    first: FieldVectors
    second: FieldVectors
    first_places: Matrix
    second_places: Matrix
    products: Matrix
    carried: float

    def nearness(self, row: int, column: int) -> float:
        """Share of the second field's values that the inner products put farther from a value of
        the first: 1 for the nearest."""
        own = self.products[row]
        return float((own < own[column]).mean())

    def known(self, row: int, column: int) -> float:
        """How well the training rows know both values of a pair."""
        supports = self.first.metadata[SUPPORT], self.second.metadata[SUPPORT]
        return float(supports[0].iloc[row]) * float(supports[1].iloc[column])


def two_fields(first: FieldVectors, second: FieldVectors) -> TwoFields:
    """The map (a biplot: Gabriel 1971) of the values with most support."""
    first, second = first.most_supported(VALUES), second.most_supported(VALUES)
    products = _centred(first.vectors) @ _centred(second.vectors).T
    left, sizes, right = np.linalg.svd(products, full_matrices=False)
    signs = np.sign(left[np.abs(left).argmax(axis=0), np.arange(len(sizes))])
    scale = np.sqrt(sizes[:2])
    total = float((sizes**2).sum())
    return TwoFields(
        first=first,
        second=second,
        first_places=(left * signs)[:, :2] * scale,
        second_places=(right.T * signs)[:, :2] * scale,
        products=products,
        carried=float((sizes[:2] ** 2).sum()) / total if total else 0.0,
    )


def _centred(vectors: Matrix) -> Matrix:
    return np.asarray(vectors - vectors.mean(axis=0))
