"""Everything the room shows, computed once a run from the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from recsys_demo.data.sources import Dataset
from recsys_demo.recommendation.knowledge import Knowledge, PairSupport
from recsys_demo.recommendation.planted import Truth, truth_of
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Mask, Ranking, Recommender
from recsys_demo.ui.recommend.choices import RecommendChoices
from recsys_demo.ui.recommend.recommenders import Served

LAST = "recommend.last"


@dataclass(frozen=True, eq=False)
class Scene:
    """One person and the lists of all models. `before` is the query the arrows compare with."""

    served: Sequence[Served]
    data: Dataset
    knowledge: Knowledge
    choices: RecommendChoices
    query: Query
    before: Query | None

    @property
    def first(self) -> Recommender:
        """Any model: names and ids are the same for all."""
        return self.served[0].recommender

    @property
    def keep(self) -> bool:
        """Whether what the person has stays in the lists: where no field says what is installed,
        people take the same item again."""
        if self.choices.keep is None:
            return self.first.items_field is None
        return self.choices.keep

    @cached_property
    def has(self) -> Mask:
        """What the person has, [items]: installed items, else what they took in training rows."""
        return self.has_of(self.query)

    def has_of(self, query: Query) -> Mask:
        """As `has`, for another query."""
        if self.first.items_field is not None:
            return self.first.installed(query)
        return self.knowledge.taken_by(query.user)

    def excluded(self, query: Query) -> Mask | None:
        """What is left out of the lists."""
        return None if self.keep else self.has_of(query)

    @cached_property
    def rankings(self) -> list[Ranking]:
        """The catalogue in each model's order."""
        excluded = self.excluded(self.query)
        return [one.recommender.rank(self.query, excluded) for one in self.served]

    @cached_property
    def earlier(self) -> list[Ranking] | None:
        """The same before the edit."""
        if self.before is None:
            return None
        excluded = self.excluded(self.before)
        return [one.recommender.rank(self.before, excluded) for one in self.served]

    @cached_property
    def support(self) -> PairSupport:
        """What the log knows of this person with every item."""
        return self.knowledge.support(self.query)

    @cached_property
    def truth(self) -> Truth | None:
        """What is planted, once revealed."""
        if self.data.world is None or not self.choices.reveal:
            return None
        return truth_of(self.data.world, self.first, self.query, self.excluded(self.query))

    @cached_property
    def item(self) -> str:
        """The item looked at: the chosen one, else the first of the first list."""
        if self.first.position(self.choices.item) is not None:
            return self.choices.item
        order = self.rankings[0].order
        return str(self.first.ids[int(order[0]) if len(order) else 0])

    @property
    def at(self) -> int:
        """Its position."""
        return int(self.first.ids.get_loc(self.item))

    @property
    def item_name(self) -> str:
        """Its name."""
        return self.first.names[self.at]

    @property
    def ranker(self) -> Served:
        """The model of the funnel and of the counterfactual."""
        return next((s for s in self.served if s.key == self.choices.ranker), self.served[-1])

    @cached_property
    def listed(self) -> np.ndarray:
        """Positions in any list, in the order in which one reads them place by place."""
        tops = [ranking.top(self.choices.k) for ranking in self.rankings]
        if self.truth is not None:
            tops.append(self.truth.ranking.top(self.choices.k))
        places = max((len(top) for top in tops), default=0)
        order = [int(top[i]) for i in range(places) for top in tops if i < len(top)]
        return np.array(list(dict.fromkeys(order)), dtype=np.int64)


def before_edit(query: Query, unedited: Query, fingerprint: str) -> Query | None:
    """The query before the last edit of the same person of the same log; after a link was opened,
    the person as the log knows them. None where nothing was edited."""
    last = st.session_state.get(LAST)
    log, now, before = last if isinstance(last, tuple) else (None, None, None)
    if not isinstance(now, Query) or log != fingerprint or now.user != query.user:
        before = unedited if query != unedited else None
    elif now != query:
        before = now
    st.session_state[LAST] = (fingerprint, query, before)
    return before if isinstance(before, Query) and before != query else None
