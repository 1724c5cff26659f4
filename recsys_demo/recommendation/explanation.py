"""A score taken apart: every term that adds to a logit, by a name a person can read."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from recsys_demo.config.component_kinds import BIAS, Part
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.components.base import Row, Term
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender


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
        return float(expit(self.logit))

    @property
    def parts(self) -> dict[Part, float]:
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
    query_codes, item_codes = recommender.codes(query), recommender.item_codes.take(np.array([at]))
    items = recommender.items
    row = Row(
        at=at,
        query=query_codes,
        codes=FieldCodes(
            {**query_codes.codes, **item_codes.codes},
            {**query_codes.positions, **item_codes.positions},
            1,
        ),
        fields=recommender.encoder.fields,
        readable=recommender.readable,
        number=lambda name: items[name].iloc[at] if name in items else query.get(name),
    )
    terms = [Term(BIAS, BIAS, (), recommender.weights.bias)]
    for explain_ in recommender.explains.values():
        terms += explain_.terms(row)
    return Explanation(item, recommender.config.name, tuple(terms))
