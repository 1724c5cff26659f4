"""What a score is made of, in the same few rows for every model, whatever its components."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from recsys_demo.config.component_kinds import BIAS, KINDS
from recsys_demo.config.components import Kind
from recsys_demo.data.schema import Schema
from recsys_demo.recommendation.components.base import Term
from recsys_demo.recommendation.explanation import Explanation

Share = Literal["memory", "vectors", "item", "person"]
SHARES: Mapping[Share, str] = MappingProxyType(
    {
        "memory": "Pair memory",
        "vectors": "Vectors and network",
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
    return any(share in _of_kind(kind) for kind in kinds)


def _of_kind(kind: Kind) -> tuple[Share, ...]:
    """Where the terms of a kind of component go."""
    if KINDS[kind].table is not None or KINDS[kind].alone:
        return ("vectors",)
    return ("item", "person") if kind == "linear" else ("memory",)


def _share(term: Term, items: set[str]) -> Share:
    assert term.part != BIAS
    first, *more = _of_kind(term.part)
    return more[0] if more and not items.issuperset(term.fields) else first
