"""Candidate generators: cheap ways to choose the few items that the ranker gets to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from recsys_demo.recommendation.knowledge import Knowledge
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Mask, Recommender
from recsys_demo.recommendation.towers import Towers
from recsys_demo.recommendation.weights import Floats, Index


@dataclass(frozen=True, eq=False)
class Request:
    """What generators may look at. `vectors` is the recommender whose embedding table is searched
    (the ranker's own, or another model's where the ranker has none); `towers` are None until they
    are trained; `seed` draws at random."""

    query: Query
    knowledge: Knowledge
    vectors: Recommender
    towers: Towers | None = None
    seed: int = 0

    @cached_property
    def history(self) -> Index:
        """Positions of what the person has: installed items, else what they took in training."""
        installed = self.vectors.installed(self.query)
        if not installed.any():
            installed = self.knowledge.taken_by(self.query.user)
        return np.flatnonzero(installed)


@dataclass(frozen=True)
class Generator:
    """A way to choose candidates: `score` gives every item a number, [items], minus infinity for
    what it would not propose. One that `needs_towers` takes no part before they are trained."""

    key: str
    label: str
    help: str
    score: Callable[[Request], Floats]
    needs_towers: bool = False

    def can_serve(self, request: Request) -> bool:
        """Whether what it needs is there."""
        return request.towers is not None or not self.needs_towers


def popularity(request: Request) -> Floats:
    """How often an item was taken in training rows; never for one that was not."""
    taken = request.knowledge.taken_rows.astype(np.float64)
    return np.where(taken > 0, taken, -np.inf)


def co_occurrence(request: Request) -> Floats:
    """Cosine of being taken together, sum over the person's items: c(a, b) / sqrt(c(a) c(b)).

    Where installed items are a field, c(a, b) counts the rows in which somebody with a took b;
    else the users who took both.
    """
    knowledge, history = request.knowledge, request.history
    field = request.vectors.items_field
    total = np.zeros(len(knowledge.shown_rows))
    if field is not None and knowledge.pair == field:
        names = request.vectors.ids[history]
        at = knowledge.values.get_indexer(names)
        counts = knowledge.taken[at[at >= 0].tolist()]
    else:
        counts = knowledge.together[history.tolist()]
    if counts.shape[0]:
        own = np.maximum(np.asarray(counts.sum(1)).reshape(-1), 1)
        total = np.asarray((1 / np.sqrt(own)) @ counts).reshape(-1)
    total = total / np.sqrt(np.maximum(knowledge.taken_rows, 1))
    return np.where(total > 0, total, -np.inf)


def nearest(request: Request) -> Floats:
    """Mean cosine to the person's items in the embedding table, by the item field's vectors."""
    unit = request.vectors.item_directions
    if unit is None or not len(request.history):
        return np.full(len(request.knowledge.shown_rows), -np.inf)
    return np.asarray(unit @ unit[request.history].mean(0))


def two_towers(request: Request) -> Floats:
    """The product of the query tower's vector and each item's."""
    assert request.towers is not None  # `can_serve`
    return request.towers.scores(request.query)


def at_random(request: Request) -> Floats:
    """Any item, the same ones for the same person and seed."""
    key = sum(ord(c) * 31**i for i, c in enumerate((request.query.user or "")[:12]))
    rng = np.random.default_rng([request.seed, key % 2**32])
    return rng.random(len(request.knowledge.shown_rows))


_ALL = (
    Generator("popularity", "Popular", "the most taken items of the training rows", popularity),
    Generator(
        "co_occurrence",
        "Taken together",
        "what people who have the same items took (cosine of counts)",
        co_occurrence,
    ),
    Generator(
        "nearest",
        "Nearest vectors",
        "items whose embedding lies nearest to those the person has (mean cosine)",
        nearest,
    ),
    Generator(
        "two_towers",
        "Two towers",
        "items whose vector goes best with the query's, each made by a network of its own (largest "
        "product)",
        two_towers,
        needs_towers=True,
    ),
    Generator("at_random", "Random", "any item, to explore", at_random),
)
GENERATORS: Mapping[str, Generator] = MappingProxyType({g.key: g for g in _ALL})


def propose(scores: Floats, budget: int, excluded: Mask | None = None) -> Index:
    """Positions of the `budget` items with the highest scores, best first; equal ones in the order
    of the catalogue, and none that was not to be proposed."""
    scores = np.where(excluded, -np.inf, scores) if excluded is not None else scores
    order = np.argsort(-scores, kind="stable")[:budget]
    return order[np.isfinite(scores[order])]
