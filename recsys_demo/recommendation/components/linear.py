"""The linear component in numpy: a weight per value."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recsys_demo.config.components import LinearConfig
from recsys_demo.features.fields import FieldCodes
from recsys_demo.features.vocabulary import ABSENT
from recsys_demo.recommendation.components.base import Explain, Row, Serve, Term
from recsys_demo.recommendation.weights import Floats, Index, Weights


class LinearServe(Serve):
    """Halves are sums of the fields' weights, [n]."""

    def __init__(self, config: LinearConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        self.own = self.half(items)

    def half(self, codes: FieldCodes) -> Floats:
        total = np.zeros(len(codes))
        for name in codes.codes:
            total += self.terms(codes, name).sum(1)
        return total

    def logits(self, query: Floats, rows: Index | None = None) -> Floats:
        own = self.own if rows is None else self.own[rows]
        return np.asarray(own + query[0])

    def whole(self, codes: FieldCodes) -> Floats:
        return self.half(codes)

    def terms(self, codes: FieldCodes, name: str) -> Floats:
        """The weight of every value of a field, [n, values at most]."""
        weights = self.weights["linear.weights"][:, 0]
        if name in codes.positions:
            weight = float(weights[self.weights.first_row(name)])
            return np.asarray(weight * codes.positions[name].astype(np.float64)[:, None])
        return np.asarray(weights[self.weights.rows(codes, name)].astype(np.float64))


class LinearExplain(Explain[LinearServe]):
    """A term per value."""

    def terms(self, row: Row) -> Iterator[Term]:
        for name in row.codes.codes:
            weights = self.serve.terms(row.codes, name)[0]
            if name in row.codes.positions:
                yield Term("linear", row.field(name), (name,), float(weights[0]))
                continue
            codes = row.codes.of(name)[0]
            for code, weight in zip(codes.tolist(), weights.tolist(), strict=True):
                if code != ABSENT:
                    yield Term("linear", f"{name}={row.value(name, code)}", (name,), weight)
