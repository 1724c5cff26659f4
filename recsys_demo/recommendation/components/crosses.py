"""The crosses component in numpy: a weight per combination, looked up by the query's share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from recsys_demo.config.components import CrossesConfig
from recsys_demo.features.cross_dictionary import Keys, part_value
from recsys_demo.features.crosses import Cross
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.components.base import JOIN, Explain, Row, Serve, Term
from recsys_demo.recommendation.cross_index import CrossHit, CrossIndex, side_keys, unit
from recsys_demo.recommendation.weights import Floats, Index, Singles, Weights


class CrossesServe(Serve):
    """Halves are, per cross, a row's shares of the combinations' keys."""

    def __init__(self, config: CrossesConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        self.crosses = [
            CrossIndex(dictionary, items.codes, keys, self._weights(number))
            for number, (dictionary, keys) in enumerate(
                zip(weights.encoder.crosses, self.half(items), strict=True)
            )
        ]

    def half(self, codes: FieldCodes) -> Sequence[Keys]:
        encoder = self.weights.encoder
        return [side_keys(dictionary, codes, encoder.fields) for dictionary in encoder.crosses]

    def logits(self, query: Sequence[Keys], rows: Index | None = None) -> Floats:
        total = np.zeros(len(self.items) if rows is None else len(rows))
        for _, own in self.each(query, rows):
            total += own
        return total

    def whole(self, codes: FieldCodes) -> Floats:
        weights = self.weights["crosses.weights"][:, 0].astype(np.float64)
        return np.asarray(weights[self.weights.encoder.cross_ids(codes)].sum(1))

    def each(
        self, query: Sequence[Keys], rows: Index | None = None
    ) -> Iterator[tuple[Cross, Floats]]:
        """Every cross and what it alone adds, [n]."""
        for cross, keys in zip(self.crosses, query, strict=True):
            yield cross.dictionary.cross, cross.scores(keys[0], rows)

    def _weights(self, number: int) -> Singles:
        """Weights of one cross; place 0 is for combinations without one."""
        encoder = self.weights.encoder
        first = encoder.cross_offsets()[number] + 1
        own = self.weights["crosses.weights"][first : first + encoder.crosses[number].size, 0]
        return np.concatenate([np.zeros(1, dtype=np.float32), own])


class CrossesExplain(Explain[CrossesServe]):
    """A term per combination that holds and has a weight."""

    def terms(self, row: Row) -> Iterator[Term]:
        for cross, keys in zip(self.serve.crosses, self.serve.half(row.query), strict=True):
            for fired in cross.fired(keys[0], row.at):
                if fired.id:
                    yield _term(row, cross, fired)


def _term(row: Row, cross: CrossIndex, fired: CrossHit) -> Term:
    dictionary = cross.dictionary
    told, values = [], []
    for place, part in enumerate(dictionary.cross.parts):
        code = fired.key // unit(dictionary, place) % dictionary.bases[place]
        value = row.readable(part.field, part_value(part, row.fields, code))
        told.append(f"{part.field}={value}")
        values.append(value)
    hashed = dictionary.buckets is not None
    return Term(
        part="crosses",
        name=JOIN.join(told),
        fields=dictionary.cross.fields,
        value=float(cross.weights[fired.id]),
        support=None if hashed else int(dictionary.support[fired.id - 1]),
        values=tuple(values),
    )
