"""How much of what people took later each candidate generator would have proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.sources import Dataset
from recsys_demo.recommendation.candidates import GENERATORS, Request, propose
from recsys_demo.recommendation.knowledge import Knowledge
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.towers import Towers
from recsys_demo.studies.comparison.sampled_queries import queries_of

MOST_ROWS = 300
SEED = 0
BUDGETS = (5, 10, 20, 30, 50, 100, 200, 500, 1_000, 2_000, 5_000)
NOT_PROPOSED = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class CandidateRecall:
    """`recall[key]` [budgets]: the share of `rows` taken test rows whose item is among the first
    `budgets` of a generator. `catalogue` counts items."""

    budgets: Sequence[int]
    recall: Mapping[str, npt.NDArray[np.float64]]
    rows: int
    catalogue: int

    def label(self, key: str) -> str:
        """What a generator is called."""
        return GENERATORS[key].label

    def best(self, budget: int) -> tuple[str, float]:
        """The generator with the highest recall at one of the budgets."""
        at = list(self.budgets).index(budget)
        key = max(self.recall, key=lambda key: self.recall[key][at])
        return key, float(self.recall[key][at])


def candidate_recall(
    data: Dataset, ranker: Recommender, knowledge: Knowledge, vectors: Recommender, towers: Towers
) -> CandidateRecall | None:
    """Over a sample of the taken test rows. What the person has already is no candidate, as in the
    funnel. None where no test row was taken."""
    rows = _sample(data, ranker)
    if not len(rows):
        return None
    wanted = ranker.ids.get_indexer(pd.Index(_items(data).iloc[rows].astype("str")))
    places: dict[str, list[int]] = {key: [] for key in GENERATORS}
    for query, item in zip(queries_of(data.test, rows, ranker), wanted.tolist(), strict=True):
        request = Request(query, knowledge, vectors, towers)
        has = ranker.installed(query)
        for key, generator in GENERATORS.items():
            order = propose(generator.score(request), len(ranker), has)
            found = np.flatnonzero(order == item)
            places[key].append(int(found[0]) if len(found) else NOT_PROPOSED)
    budgets = [budget for budget in BUDGETS if budget < len(ranker)] or [len(ranker)]
    return CandidateRecall(
        budgets=budgets,
        recall={
            key: np.array([np.mean(np.array(own) < budget) for budget in budgets])
            for key, own in places.items()
        },
        rows=len(rows),
        catalogue=len(ranker),
    )


def _items(data: Dataset) -> pd.Series:
    return data.test.frame[data.test.schema.item]


def _sample(data: Dataset, ranker: Recommender) -> npt.NDArray[np.int64]:
    """Taken test rows whose item is in the catalogue."""
    known = ranker.ids.get_indexer(pd.Index(_items(data).astype("str"))) >= 0
    taken = np.flatnonzero((data.test.labels == 1) & known)
    drawn = np.random.default_rng(SEED).permutation(len(taken))[:MOST_ROWS]
    return np.asarray(np.sort(taken[drawn]))
