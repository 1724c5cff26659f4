"""What only a planted world knows of a list: the best one, how much a list misses, its traps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_demo.data.planted.sample import World
from recsys_demo.data.planted.truth import logit_of, probability_of
from recsys_demo.recommendation.query import Query, query_frame
from recsys_demo.recommendation.recommender import Mask, Ranking, Recommender, rank
from recsys_demo.recommendation.weights import Floats, Index


@dataclass(frozen=True, eq=False)
class Truth:
    """The planted truth of one query, [items] each: the install probability, and the direction of
    the planted exception that decides the pair (-1 a trap: taste says yes, the truth no; +1 only
    memory can know it; 0 none). `ranking` is the best list there is."""

    probabilities: Floats
    exceptions: Index
    ranking: Ranking

    def regret(self, items: Index, k: int) -> float:
        """Expected installs that a list of `items` misses against the best list of length k."""
        best = self.ranking.top(k)
        return float(self.probabilities[best].sum() - self.probabilities[items[:k]].sum())


def truth_of(
    world: World, recommender: Recommender, query: Query, excluded: Mask | None = None
) -> Truth:
    """Ask the world about every item of the catalogue."""
    terms = world.terms(query_frame(query, recommender.encoder.fields), list(recommender.ids))
    return Truth(
        probabilities=probability_of(terms, world.config.noise),
        exceptions=np.sign(terms["exception"]).astype(np.int64),
        ranking=rank(logit_of(terms), excluded),
    )
