"""From the catalogue to a list: candidate generators, their union, the ranker."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from recsys_demo.recommendation.candidates import GENERATORS, Request, propose
from recsys_demo.recommendation.recommender import Mask, Ranking, Recommender, rank
from recsys_demo.recommendation.weights import Index
from recsys_demo.values import Frozen

MOST = 5_000


class FunnelConfig(Frozen):
    """How many candidates each generator may propose; 0 switches it off."""

    popularity: int = Field(30, ge=0, le=MOST, description="most taken items")
    co_occurrence: int = Field(30, ge=0, le=MOST, description="taken by people with the same items")
    nearest: int = Field(30, ge=0, le=MOST, description="nearest in the embedding space")
    two_towers: int = Field(30, ge=0, le=MOST, description="best by two towers, once trained")
    at_random: int = Field(10, ge=0, le=MOST, description="drawn at random")
    seed: int = Field(0, ge=0, lt=2**31, description="decides what is drawn at random")

    def budget(self, key: str) -> int:
        """The budget of a generator."""
        budget: int = getattr(self, key)
        return budget


@dataclass(frozen=True, eq=False)
class Proposal:
    """What one generator proposed: positions, best first, and how many only it proposed."""

    key: str
    items: Index
    alone: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Funnel:
    """One query's way through the funnel.

    `ranking` orders the union only; `full` the whole catalogue, as if there were no candidates.
    `lost` are the items of the full list's first k that no generator proposed.
    """

    catalogue: int
    proposals: tuple[Proposal, ...]
    union: Index
    union_seconds: float
    ranking: Ranking
    rank_seconds: float
    full: Ranking
    full_seconds: float
    k: int

    @property
    def items(self) -> Index:
        """The list shown."""
        return self.ranking.top(self.k)

    @property
    def lost(self) -> Index:
        """What the ranker never got to see of its own first k, best first."""
        wanted = self.full.top(self.k)
        return wanted[~np.isin(wanted, self.union)]

    @property
    def recall(self) -> float:
        """Share of the full list's first k that is among the candidates; 1 for an empty list."""
        wanted = len(self.full.top(self.k))
        return 1 - len(self.lost) / wanted if wanted else 1.0

    def proposed_by(self, item: int) -> list[str]:
        """The generators that proposed an item."""
        return [p.key for p in self.proposals if item in p.items]


def run_funnel(
    ranker: Recommender,
    request: Request,
    config: FunnelConfig,
    k: int,
    excluded: Mask | None = None,
) -> Funnel:
    """Take one query through the funnel, timing every stage; `excluded` [items] are left out at
    its entrance."""
    # What is counted once per log and per model is no part of serving one query.
    _ = request.knowledge.together, request.vectors.item_directions, request.history
    found: list[tuple[str, Index, float]] = []
    for key, generator in GENERATORS.items():
        if config.budget(key) and generator.can_serve(request):
            start = time.perf_counter()
            items = propose(generator.score(request), config.budget(key), excluded)
            found.append((key, items, time.perf_counter() - start))
    start = time.perf_counter()
    union, counts = np.unique(
        np.concatenate([np.zeros(0, dtype=np.int64), *(items for _, items, _ in found)]),
        return_counts=True,
    )
    union_seconds = time.perf_counter() - start
    only = set(union[counts == 1].tolist())
    start = time.perf_counter()
    ranking = _rank_some(ranker, request, union)
    rank_seconds = time.perf_counter() - start
    start = time.perf_counter()
    full = ranker.rank(request.query, excluded)
    return Funnel(
        catalogue=len(full.order),
        proposals=tuple(
            Proposal(key, items, sum(i in only for i in items.tolist()), seconds)
            for key, items, seconds in found
        ),
        union=union,
        union_seconds=union_seconds,
        ranking=ranking,
        rank_seconds=rank_seconds,
        full=full,
        full_seconds=time.perf_counter() - start,
        k=k,
    )


def _rank_some(ranker: Recommender, request: Request, union: Index) -> Ranking:
    """Score only the candidates."""
    logits = np.full(len(ranker), -np.inf)
    logits[union] = ranker.logits(request.query, union)
    return rank(logits, ~np.isin(np.arange(len(ranker)), union))


def names(recommender: Recommender, items: Sequence[int] | Index) -> list[str]:
    """Readable names of positions."""
    return [recommender.names[int(i)] for i in items]
