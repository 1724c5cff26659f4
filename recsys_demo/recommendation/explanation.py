"""A score taken apart: every term that adds to a logit, by a name a person can read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from recsys_demo.features.cross_dictionary import part_value
from recsys_demo.features.fields import FieldCodes
from recsys_demo.features.vocabulary import ABSENT
from recsys_demo.recommendation.deep_shares import deep_shares
from recsys_demo.recommendation.matching import CrossIndex, Fired, side_keys, unit
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.serving import BIAS, kernels

JOIN = " & "
AVERAGE = "all fields average"


@dataclass(frozen=True)
class Term:
    """One summand of a logit. `part` is "bias" or a component; `support` counts the training rows
    of a cross's combination."""

    part: str
    name: str
    fields: tuple[str, ...]
    value: float
    support: int | None = None


@dataclass(frozen=True)
class Explanation:
    """Why one model gives one item its score: the terms add up to the logit."""

    item: str
    model: str
    terms: tuple[Term, ...]

    @property
    def logit(self) -> float:
        """The sum of the terms."""
        return math.fsum(term.value for term in self.terms)

    @property
    def probability(self) -> float:
        """The prediction."""
        return 1 / (1 + math.exp(-self.logit))

    @property
    def parts(self) -> dict[str, float]:
        """What bias and each component add."""
        kinds = dict.fromkeys(term.part for term in self.terms)
        return {k: math.fsum(t.value for t in self.terms if t.part == k) for k in kinds}

    def strongest(self, count: int) -> tuple[list[Term], float]:
        """The terms that move the logit most, the largest first, and the sum of the others; the
        bias is always among them."""
        order = sorted(self.terms, key=lambda t: (t.part != BIAS, -abs(t.value)))
        kept, rest = order[:count], order[count:]
        return kept, math.fsum(term.value for term in rest)


def explain(recommender: Recommender, query: Query, item: str) -> Explanation:
    """Every term of one item's logit. Raises KeyError for an item that is not in the catalogue."""
    at = recommender.position(item)
    if at is None:
        raise KeyError(item)
    query_codes = recommender.half(query).codes
    item_codes = recommender.item_side.half.codes.take(np.array([at]))
    codes = FieldCodes(
        {**query_codes.codes, **item_codes.codes},
        {**query_codes.positions, **item_codes.positions},
        1,
    )
    teller = _Teller(recommender, query, at, codes)
    terms = [Term(BIAS, "bias", (), recommender.model.bias)]
    for kind in recommender.model.kinds:
        terms += getattr(teller, kind)()
    return Explanation(item, recommender.config.name, tuple(terms))


class _Teller:
    """The terms of each component for one row."""

    def __init__(self, recommender: Recommender, query: Query, at: int, codes: FieldCodes) -> None:
        self.recommender = recommender
        self.query = query
        self.at = at
        self.codes = codes

    def linear(self) -> Iterator[Term]:
        """A weight per value."""
        for name in self.codes.codes:
            weights = self.recommender.model.linear_terms(self.codes, name)[0]
            if name in self.codes.positions:
                yield Term("linear", self._field(name), (name,), float(weights[0]))
                continue
            codes = self.codes.of(name)[0]
            for code, weight in zip(codes.tolist(), weights.tolist(), strict=True):
                if code != ABSENT:
                    yield Term("linear", f"{name}={self._value(name, code)}", (name,), weight)

    def crosses(self) -> Iterator[Term]:
        """A weight per combination that holds and has one."""
        fields = self.recommender.encoder.fields
        for cross in self.recommender.item_side.crosses:
            keys = side_keys(cross.dictionary, self.recommender.half(self.query).codes, fields)
            for fired in cross.fired(keys[0], self.at):
                if fired.id:
                    yield self._cross(cross, fired)

    def fm(self) -> Iterator[Term]:
        """An inner product per pair of fields; higher orders as one term each."""
        model = self.recommender.model
        names = list(self.codes.codes)
        vectors = model.vectors("fm", self.codes)
        for i, j in combinations(range(len(names)), 2):
            product = float(vectors[0, i] @ vectors[0, j])
            if product:
                pair = (names[i], names[j])
                yield Term("fm", JOIN.join(self._field(name) for name in pair), pair, product)
        if model.order > 2:
            sums = kernels(vectors, model.order)[0].sum(1)
            for order in range(3, model.order + 1):
                yield Term("fm", f"all {order} fields together", tuple(names), float(sums[order]))

    def deep(self) -> Iterator[Term]:
        """The network for an average row, then each field's exact Shapley value."""
        baseline, shares = deep_shares(self.recommender, self.codes)
        yield Term("deep", AVERAGE, (), baseline)
        for names, value in shares.items():
            told = self._field(names[0]) if len(names) == 1 else f"{len(names)} other fields"
            yield Term("deep", told, names, value)

    def _cross(self, cross: CrossIndex, fired: Fired) -> Term:
        dictionary, fields = cross.dictionary, self.recommender.encoder.fields
        told = []
        for place, part in enumerate(dictionary.cross.parts):
            code = fired.key // unit(dictionary, place) % dictionary.bases[place]
            value = part_value(part, fields, code)
            told.append(f"{part.field}={self.recommender.readable(part.field, value)}")
        hashed = dictionary.buckets is not None
        return Term(
            part="crosses",
            name=JOIN.join(told),
            fields=dictionary.cross.fields,
            value=float(cross.weights[fired.id]),
            support=None if hashed else int(dictionary.support[fired.id - 1]),
        )

    def _field(self, name: str) -> str:
        """A field with the value it has here."""
        if name in self.codes.positions:
            return f"{name}={self._number(name)}"
        codes = [code for code in self.codes.of(name)[0].tolist() if code != ABSENT]
        if self.recommender.schema.fields[name].kind == "multi" and len(codes) != 1:
            return f"{name} ({len(codes)})"
        return f"{name}={self._value(name, codes[0])}"

    def _value(self, name: str, code: int) -> str:
        value = self.recommender.encoder.fields.value_name(name, code)
        return self.recommender.readable(name, value)

    def _number(self, name: str) -> str:
        items = self.recommender.items
        value = items[name].iloc[self.at] if name in items else self.query.get(name)
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        return "(missing)" if missing else f"{value:,.10g}"
