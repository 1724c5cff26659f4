"""The lists of everybody a run knows, a block of people at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from recsys_demo.data.cells import cell_values
from recsys_demo.data.queries import ITEM, USER
from recsys_demo.errors import InputError, did_you_mean, excerpt, nearest
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.weights import Floats, Index

PEOPLE = 1_000  # of a block


@dataclass(frozen=True, eq=False)
class _Grouped:
    """Positions in the catalogue by person: those of person i stand from `starts[i]` to
    `starts[i + 1]`."""

    starts: Index
    positions: Index

    def of(self, person: int) -> Index:
        return self.positions[self.starts[person] : self.starts[person + 1]]

    @classmethod
    def by(cls, people: Index, positions: Index, count: int) -> _Grouped:
        """Pairs of a person and a position in any order; negative ones are no pair."""
        kept = (people >= 0) & (positions >= 0)
        order = np.argsort(people[kept], kind="stable")
        starts = np.searchsorted(people[kept][order], np.arange(count + 1))
        return cls(starts.astype(np.int64), positions[kept][order])


def all_lists(
    recommender: Recommender,
    k: int,
    users: Sequence[str] | None = None,
    *,
    context: Mapping[str, Any] | None = None,
    keep: bool = False,
) -> Iterator[pd.DataFrame]:
    """The k best items of every person, or of these `users`, as `recommend` lists them for one: a
    block of people at a time, in their order.

    Columns: `user`, `place` (from 1), `item`, `name`, `probability`. `context` replaces fields of
    everybody's last row. What a person has already, by their field of items or by the log, is left
    out unless `keep`. Raises InputError for a run without users, for users it does not know, and
    for a context that is no part of a query.
    """
    people = _people(recommender, users)
    cells = _cells(recommender, context or {})
    taken, names = _taken(recommender), np.array(recommender.names, dtype=object)
    ids = recommender.ids.to_numpy(dtype=object)
    for start in range(0, len(people), PEOPLE):
        block = people[start : start + PEOPLE]
        own = recommender.queries.iloc[block].assign(**cells)
        installed, halves = _installed(recommender, own), recommender.halves(own)
        tops: list[Index] = []
        logits: list[Floats] = []
        for number, (person, half) in enumerate(zip(block.tolist(), halves, strict=True)):
            scores = recommender.logits(half)
            if not keep:
                scores[taken.of(person)] = -np.inf
                scores[installed.of(number)] = -np.inf
            tops.append(best(scores, k))
            logits.append(scores[tops[-1]])
        at = np.concatenate(tops)
        lengths = [len(top) for top in tops]
        yield pd.DataFrame(
            {
                "user": np.repeat(own.index.astype("str").to_numpy(dtype=object), lengths),
                "place": np.concatenate([np.arange(1, n + 1) for n in lengths]).astype(np.int64),
                "item": ids[at],
                "name": names[at],
                "probability": expit(np.concatenate(logits)),
            }
        )


def best(logits: Floats, k: int) -> Index:
    """Positions of the k highest finite logits, the best first, equal ones in the order of the
    catalogue: what sorting all of them would give."""
    if k < len(logits):
        least = np.partition(logits, len(logits) - k)[len(logits) - k]
        some = np.flatnonzero((logits >= least) & (logits > -np.inf))
    else:
        some = np.flatnonzero(logits > -np.inf)
    return some[np.argsort(-logits[some], kind="stable")][:k]


def _people(recommender: Recommender, users: Sequence[str] | None) -> Index:
    """The places of these people among the queries of a run."""
    if recommender.schema.user is None:
        raise InputError.of(
            what="the log of this run does not say who its rows are about",
            where="schema",
            got="no user column",
            expected="a column of users",
            remedy="Ask for one list with the fields of a query, or train with a user column.",
        )
    known = recommender.queries.index.astype("str")
    if users is None:
        return np.arange(len(known))
    places: Index = known.get_indexer(pd.Index(list(users), dtype="str")).astype(np.int64)
    if (places < 0).any():
        strangers = [user for user, place in zip(users, places, strict=True) if place < 0]
        raise InputError.of(
            what="the run does not know this user" if len(strangers) == 1 else "unknown users",
            where="users",
            got=", ".join(map(excerpt, strangers[:3])) + (", ..." if len(strangers) > 3 else ""),
            expected="users of the log",
            remedy=did_you_mean(nearest(strangers[0], known), "Leave them out."),
        )
    return places


def _cells(recommender: Recommender, context: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of a context as a run's queries have them."""
    values = dict(recommender.query(context).values)
    vocabularies = recommender.encoder.fields.vocabularies
    return {
        name: vocabularies[name].separator.join(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if name in context
    }


def _taken(recommender: Recommender) -> _Grouped:
    """What everybody took in the log; a run of before did not keep it."""
    known, taken = recommender.queries.index.astype("str"), recommender.taken
    if taken is None:
        return _Grouped(np.zeros(len(known) + 1, np.int64), np.zeros(0, np.int64))
    people = _places(known, taken[USER])
    return _Grouped.by(people, _places(recommender.ids, taken[ITEM]), len(known))


def _places(known: pd.Index, column: pd.Series) -> Index:
    """The place of every value of a categorical column."""
    places = known.get_indexer(column.cat.categories.astype("str"))
    return np.append(places, -1)[column.cat.codes.to_numpy()].astype(np.int64)


def _installed(recommender: Recommender, queries: pd.DataFrame) -> _Grouped:
    """What the queries say is there already."""
    name = recommender.items_field
    if name is None:
        return _Grouped(np.zeros(len(queries) + 1, np.int64), np.zeros(0, np.int64))
    separator = recommender.encoder.fields.vocabularies[name].separator
    cells = [cell_values(str(c), separator) for c in queries[name].astype("object").fillna("")]
    people = np.repeat(np.arange(len(cells)), [len(cell) for cell in cells])
    values = pd.Index([value for cell in cells for value in cell], dtype="str")
    return _Grouped.by(people, recommender.ids.get_indexer(values), len(cells))
