"""The lists of several trained models for one query, and all that can be asked of them.

`answer` is the one way from a query to what a page shows of it: it ranks the catalogue by every
model, before and after an edit, and knows what the person has, what the log has seen, and what a
planted world would say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from recsys_demo.data.planted.sample import World
from recsys_demo.recommendation.candidates import Request
from recsys_demo.recommendation.counterfactual import Counterfactual, nearest_change
from recsys_demo.recommendation.explanation import Explanation, explain
from recsys_demo.recommendation.funnel import Funnel, FunnelConfig, run_funnel
from recsys_demo.recommendation.knowledge import Knowledge, PairSupport
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import OUT, Mask, Ranking, Recommender
from recsys_demo.recommendation.sentences import known_of_pair, nearness, why
from recsys_demo.recommendation.towers import Towers
from recsys_demo.recommendation.truth import Truth, truth_of
from recsys_demo.recommendation.weights import Index
from recsys_demo.values import Frozen

ATTRIBUTES = 6  # of an item, in the table


class AnswerSettings(Frozen):
    """What a person wants of the lists. `item` is the item looked at, empty for the first of the
    first list; `keep` is None until somebody decides."""

    k: int = Field(10, ge=3, le=30, description="length of the lists")
    item: str = Field("", max_length=300)
    keep: bool | None = Field(None, description="list what the person has already, too")
    reveal: bool = Field(False, description="show what is planted in the sample set")
    ranker: str = Field("", max_length=60, description="model of the funnel and of the change")
    funnel: FunnelConfig = FunnelConfig()


@dataclass(frozen=True, eq=False)
class ListedModel:
    """A trained model: `key` stands in links, `model` gives its colour, `name` is its label."""

    key: str
    model: str
    name: str
    recommender: Recommender
    base_rate: float


@dataclass(frozen=True, eq=False)
class Reason:
    """Why a model puts the item where it stands (`OUT` if it is no candidate)."""

    model: ListedModel
    place: int
    explanation: Explanation
    sentence: str


@dataclass(frozen=True, eq=False)
class Answer:
    """The lists for one query. `lists` and `earlier` (before an edit) are in the order of `models`;
    `has` [items] is what the person has already, `at` the place of the item in the catalogue."""

    models: Sequence[ListedModel]
    query: Query
    wanted: AnswerSettings
    knowledge: Knowledge
    keep: bool
    has: Mask
    lists: Sequence[Ranking]
    earlier: Sequence[Ranking] | None
    support: PairSupport
    truth: Truth | None
    at: int

    @property
    def first(self) -> Recommender:
        """Any model's: names and ids are the same for all."""
        return self.models[0].recommender

    @property
    def item(self) -> str:
        """The id of the item looked at."""
        return str(self.first.ids[self.at])

    @property
    def item_name(self) -> str:
        """Its name."""
        return self.first.names[self.at]

    @property
    def ranker(self) -> ListedModel:
        """The model of the funnel."""
        return next((one for one in self.models if one.key == self.wanted.ranker), self.models[-1])

    @property
    def vectors(self) -> ListedModel:
        """Whose embeddings the funnel searches: the ranker's, else the first that has some."""
        every = [self.ranker, *self.models]
        return next((m for m in every if m.recommender.item_directions is not None), every[0])

    @property
    def listed(self) -> Index:
        """Positions in any list, in the order in which one reads them place by place."""
        tops = [ranking.top(self.wanted.k) for ranking in self.lists]
        if self.truth is not None:
            tops.append(self.truth.ranking.top(self.wanted.k))
        places = max((len(top) for top in tops), default=0)
        order = [int(top[i]) for i in range(places) for top in tops if i < len(top)]
        return np.array(list(dict.fromkeys(order)), dtype=np.int64)

    @property
    def known_of_item(self) -> str | None:
        """What the training rows know of the item together with this person."""
        return known_of_pair(self.first, self.knowledge, self.support, self.at)

    def seen(self, at: int) -> str:
        """How often the log has seen an item together with this person."""
        rows, pair = int(self.support.rows[at]), self.knowledge.pair
        if pair is None or not self.support.values:
            return f"shown {int(self.knowledge.shown_rows[at]):,} times"
        if not rows:
            return "pair never seen"
        value = self.support.values[int(self.support.which[at])]
        return f"seen {rows:,} times with {pair}={self.first.readable(pair, value)}"

    @cached_property
    def reasons(self) -> Sequence[Reason]:
        """Why each model scores the item as it does."""
        return [
            self._reason(model, own) for model, own in zip(self.models, self.lists, strict=True)
        ]

    @cached_property
    def changes(self) -> Sequence[Counterfactual]:
        """The smallest change of the query that moves the item into or out of each list."""
        k, keep = self.wanted.k, self.keep
        taken = self.has & ~self.first.installed(self.query)
        rankers = [one.recommender for one in self.models]
        return [nearest_change(ranker, self.query, self.item, k, keep, taken) for ranker in rankers]

    def funnel(self, towers: Towers | None = None) -> Funnel:
        """The query's way through the candidate generators, timed now."""
        return run_funnel(
            self.ranker.recommender,
            Request(self.query, self.knowledge, self.vectors.recommender, towers),
            self.wanted.funnel,
            self.wanted.k,
            None if self.keep else self.has,
        )

    def left(self, number: int) -> Index:
        """What stood in a model's list before the edit and does not now, best first."""
        if self.earlier is None:
            return np.zeros(0, dtype=np.int64)
        was = self.earlier[number].top(self.wanted.k)
        places = self.lists[number].places[was]
        return np.asarray(was[(places == OUT) | (places > self.wanted.k)])

    def table(self) -> pd.DataFrame:
        """Items in any list: attributes, place and probability by model, what the log knows."""
        return pd.DataFrame([self._row(at) for at in self.listed.tolist()])

    def _reason(self, model: ListedModel, ranking: Ranking) -> Reason:
        found = explain(model.recommender, self.query, self.item)
        near = nearness(model.recommender, np.flatnonzero(self.has), self.at)
        told = why(found, model.name, model.base_rate)
        sentence = told if near is None else f"{told} {near}"
        return Reason(model, int(ranking.places[self.at]), found, sentence)

    def _row(self, at: int) -> dict[str, Any]:
        attributes = self.first.items.iloc[at]
        row: dict[str, Any] = {"app": self.first.names[at]}
        row |= {str(n): attributes[n] for n in list(self.first.items.columns)[:ATTRIBUTES]}
        for number, (one, ranking) in enumerate(zip(self.models, self.lists, strict=True)):
            row[f"{one.name} place"] = int(ranking.places[at]) or None
            if self.earlier is not None:
                row[f"{one.name} before"] = int(self.earlier[number].places[at]) or None
            row[f"{one.name} says"] = float(ranking.probabilities[at])
        row |= {
            "the log": self.seen(at),
            "pair rows": int(self.support.rows[at]),
            "pair taken": int(self.support.taken[at]),
            "shown to anybody": int(self.knowledge.shown_rows[at]),
            "they have it": bool(self.has[at]),
        }
        if self.truth is not None:
            row["planted truth"] = float(self.truth.probabilities[at])
            row["planted exception"] = {-1: "trap", 1: "only memory knows"}.get(
                int(self.truth.exceptions[at]), ""
            )
        return row


def answer(
    models: Sequence[ListedModel],
    query: Query,
    wanted: AnswerSettings,
    knowledge: Knowledge,
    world: World | None = None,
    before: Query | None = None,
    about: str = "",
) -> Answer:
    """The lists of `models` (at least one) for `query`, and for the query `before` an edit. `world`
    is the planted one of a sample set, asked if the truth is wanted. `about` is which of the
    person's values a story pairs with the item looked at."""
    first = models[0].recommender

    def has(asked: Query) -> Mask:
        # The sample set's people take apps in rows that stand beside each other, none of which
        # knows of the others: there what they have is the field's alone.
        installed = first.installed(asked)
        if world is not None:
            return installed
        # An old run kept nothing of what people took: training rows know most of it.
        return installed | first.taken_by(asked.user) | knowledge.taken_by(asked.user)

    own, at = has(query), first.position(wanted.item)
    # Who looks at something a person has wants to see where it stands.
    keep = wanted.keep if wanted.keep is not None else at is not None and bool(own[at])

    def lists(asked: Query) -> tuple[Ranking, ...]:
        excluded = None if keep else has(asked)
        return tuple(one.recommender.rank(asked, excluded) for one in models)

    found = lists(query)
    truth = None
    if world is not None and wanted.reveal:
        truth = truth_of(world, first, query, None if keep else own)
    if at is None:
        at = int(found[0].order[0]) if len(found[0].order) else 0
    return Answer(
        models=models,
        query=query,
        wanted=wanted,
        knowledge=knowledge,
        keep=keep,
        has=own,
        lists=found,
        earlier=None if before is None else lists(before),
        support=knowledge.about(knowledge.support(query), at, about),
        truth=truth,
        at=at,
    )
