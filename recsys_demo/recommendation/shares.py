"""What a score is made of, in the same few rows for every model, whatever its components."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from recsys_demo.config.component_kinds import BIAS, KINDS, Share
from recsys_demo.config.components import Kind
from recsys_demo.data.schema import Schema
from recsys_demo.recommendation.components.base import Term
from recsys_demo.recommendation.explanation import Explanation

SHARES: Mapping[Share, str] = MappingProxyType(
    {
        "memory": "Pair memory",
        "vectors": "Vectors and network",
        "trees": "Trees",
        "item": "Popularity",
        "person": "Person and context",
    }
)


@dataclass(frozen=True)
class ScoreShares:
    """A logit as `start` and the terms of each share, the strongest first. Shares that the model
    has no component for are left out."""

    start: float
    terms: Mapping[Share, tuple[Term, ...]]

    def value(self, share: Share) -> float | None:
        """What the share adds to the logit, None where the model has nothing for it."""
        own = self.terms.get(share)
        return None if own is None else math.fsum(term.value for term in own)

    def strongest(self, share: Share) -> Term | None:
        """Its term that moves the logit most."""
        return next(iter(self.terms.get(share, ())), None)


def told_shares(shares: Sequence[ScoreShares]) -> tuple[Share, ...]:
    """The rows in which these scores are compared: those that some model has a component for."""
    return tuple(share for share in SHARES if any(share in own.terms for own in shares))


def score_shares(explanation: Explanation, kinds: tuple[Kind, ...], schema: Schema) -> ScoreShares:
    """The terms of a model with components of these kinds, share by share."""
    items = set(schema.of_side("item"))
    found: dict[Share, list[Term]] = {share: [] for share in SHARES if _has(share, kinds)}
    for term in explanation.terms:
        if term.part != BIAS:
            found[_share(term, items)].append(term)
    start = math.fsum(term.value for term in explanation.terms if term.part == BIAS)
    return ScoreShares(
        start,
        {share: tuple(sorted(own, key=lambda t: -abs(t.value))) for share, own in found.items()},
    )


def _has(share: Share, kinds: tuple[Kind, ...]) -> bool:
    return any(share in KINDS[kind].shares for kind in kinds)


def _share(term: Term, items: set[str]) -> Share:
    assert term.part != BIAS
    first, *more = KINDS[term.part].shares
    return more[0] if more and not items.issuperset(term.fields) else first
