"""For whom lists are made: a sample of the log's queries, and what each would install."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import svds

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.planted.sample import World
from recsys_demo.data.planted.truth import probability_of
from recsys_demo.data.sources import Dataset
from recsys_demo.evaluation.lists import Catalogue
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.recommendation.knowledge import knowledge_of
from recsys_demo.recommendation.query import Query, query_fields
from recsys_demo.recommendation.recommender import Recommender

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
# Queries times items: what a dense table of relevance may hold (8 bytes each).
MOST_CELLS = 5_000_000
FEWEST_QUERIES = 20
VECTOR_SIZE = 16
SEED = 0


@dataclass(frozen=True, eq=False)
class SampledQueries:
    """A sample of queries and the catalogue, [queries, items] each, items in the order of a
    `Recommender`.

    `relevance` is the true probability for planted data, else 1 for what this very query took in
    the test rows. `excluded` marks what the user has already. `support` counts the training rows
    of the best known reference pair. `exceptions` is 1 where a planted exception makes the user
    install, -1 where it makes them refuse, 0 elsewhere; None without a truth.
    """

    relevance: Floats
    excluded: Mask
    support: Rows
    exceptions: npt.NDArray[np.int8] | None
    catalogue: Catalogue

    @property
    def planted(self) -> bool:
        """Whether relevance is a truth that was planted."""
        return self.exceptions is not None


def query_rows(test: Interactions, items: int, wanted: int, planted: bool) -> Rows:
    """Test rows whose queries are sampled: different queries, fewer for a large catalogue. Without
    a truth only queries that took something can be judged."""
    columns = list(query_columns(test))
    frame = test.frame[columns]
    rows = np.arange(len(test)) if planted else np.flatnonzero(test.labels)
    first = rows[~frame.iloc[rows].duplicated().to_numpy()]
    most = max(FEWEST_QUERIES, min(wanted, MOST_CELLS // max(items, 1)))
    drawn = np.random.default_rng(SEED).permutation(len(first))[:most]
    return np.asarray(np.sort(first[drawn]))


def query_columns(part: Interactions) -> list[str]:
    """What makes a query: the user and every field but those of the item."""
    schema = part.schema
    names = query_fields(schema)
    return names if schema.user is None or schema.user in names else [schema.user, *names]


def queries_of(test: Interactions, rows: Rows, recommender: Recommender) -> list[Query]:
    """The queries of these rows as a run reads them."""
    columns = query_columns(test)
    known = {*query_fields(recommender.schema), recommender.schema.user}
    records = test.frame[columns].iloc[rows].astype(object).to_dict("records")
    return [recommender.query(_given(record, known)) for record in records]


def _given(record: Mapping[Any, Any], known: set[str | None]) -> dict[str, Any]:
    """A row's cells as a query may give them: a missing one is None."""
    missing = {
        k for k, v in record.items() if v is None or (isinstance(v, float) and math.isnan(v))
    }
    return {str(k): None if k in missing else v for k, v in record.items() if k in known}


def sampled_queries(data: Dataset, recommender: Recommender, rows: Rows) -> SampledQueries:
    """Everything that is known of these queries with every item of the catalogue."""
    queries = queries_of(data.test, rows, recommender)
    knowledge = knowledge_of(data.train, recommender)
    planted = None if data.world is None else _truth(data.world, data.test, rows, recommender)
    relevance = _taken(data.test, rows, recommender) if planted is None else planted[0]
    return SampledQueries(
        relevance=relevance,
        excluded=np.stack([recommender.installed(query) for query in queries]),
        support=np.stack([knowledge.support(query).rows for query in queries]),
        exceptions=None if planted is None else planted[1],
        catalogue=Catalogue(
            knowledge.shown_rows,
            _categories(data.train, recommender),
            None if knowledge.histories is None else taken_vectors(knowledge.histories),
        ),
    )


def _truth(
    world: World, test: Interactions, rows: Rows, recommender: Recommender
) -> tuple[Floats, npt.NDArray[np.int8]]:
    """True probability and direction of exceptions, [queries, items] each."""
    items = len(recommender)
    asked = test.frame.iloc[np.repeat(rows, items)]
    terms = world.terms(asked, np.tile(recommender.ids.to_numpy(dtype=object), len(rows)).tolist())
    probability = probability_of(terms, world.config.noise).reshape(len(rows), items)
    exceptions = np.sign(terms["exception"]).astype(np.int8).reshape(len(rows), items)
    return probability, exceptions


def _taken(test: Interactions, rows: Rows, recommender: Recommender) -> Floats:
    """1 for the items that a query took in the test rows, [queries, items]."""
    columns = query_columns(test)
    positive = np.flatnonzero(test.labels)
    number = test.frame[columns].groupby(columns, observed=True, dropna=False, sort=False).ngroup()
    group = number.to_numpy()
    query_of_group = {int(group[row]): place for place, row in enumerate(rows)}
    taken = np.zeros((len(rows), len(recommender)))
    items = recommender.ids.get_indexer(pd.Index(test.frame[test.schema.item].astype("str")))
    for row in positive:
        place = query_of_group.get(int(group[row]))
        if place is not None and items[row] >= 0:
            taken[place, items[row]] = 1.0
    return taken


def taken_vectors(histories: sparse.csr_array) -> Floats | None:
    """A vector per item by who took it in training rows, [items, d]: the truncated singular value
    decomposition of histories [users, items]. It belongs to no model, so that no model's own idea
    of likeness judges its lists. None where there are too few users or items."""
    most = min(histories.shape) - 1
    if most < 1:
        return None
    start = np.ones(min(histories.shape))
    size = min(VECTOR_SIZE, most)
    _, values, rows = svds(histories.astype(np.float64), k=size, v0=start)
    return np.asarray((rows * values[:, None]).T)


def _categories(train: Interactions, recommender: Recommender) -> Rows | None:
    """A code per item of the first categorical attribute that groups items, None without one."""
    schema = train.schema
    for name in schema.of_side("item"):
        if name == schema.item or schema.fields[name].kind != "categorical":
            continue
        codes, values = pd.factorize(recommender.items[name].astype("str"))
        if 1 < len(values) < len(recommender) / 2:
            missing = recommender.items[name].isna().to_numpy()
            return np.where(missing, -1, codes).astype(np.int64)
    return None
