"""What the training rows know of items and pairs: how often shown, how often taken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from recsys_demo.data.cells import cell_values, to_categories
from recsys_demo.data.interactions import Interactions
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Mask, Recommender

Counts = npt.NDArray[np.int64]
NEVER = -1  # no value of the query was ever seen with the item


@dataclass(frozen=True, eq=False)
class PairSupport:
    """What the log knows of one query with each item, [items] each: the training rows of the pair
    seen most often, how many of them were taken, and which of the query's values it is with
    (`NEVER` where none was seen). `values` are the query's."""

    rows: Counts
    taken: Counts
    which: Counts
    values: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Counts of the training rows; items are in the recommender's order.

    `pair` is the field or user column whose values are paired with items: the reference pair's,
    else the installed items, else the user. `rows` and `taken` count pairs, [values, items];
    `histories` [users, items] are 1 where a user took an item, None without a user column.
    """

    pair: str | None
    values: pd.Index
    rows: sparse.csr_array
    taken: sparse.csr_array
    shown_rows: Counts
    taken_rows: Counts
    users: pd.Index
    histories: sparse.csr_array | None

    def support(self, query: Query) -> PairSupport:
        """The pairs of this query with every item."""
        items = len(self.shown_rows)
        own = self._values_of(query)
        at = self.values.get_indexer(pd.Index(own, dtype="str"))
        known = [(value, i) for value, i in zip(own, at.tolist(), strict=True) if i >= 0]
        if not known:
            nothing = np.zeros(items, dtype=np.int64)
            return PairSupport(nothing, nothing, np.full(items, NEVER), ())
        places = [i for _, i in known]
        rows = self.rows[places].toarray().astype(np.int64)
        best = rows.argmax(0)
        most = rows[best, np.arange(items)]
        taken = self.taken[places].toarray().astype(np.int64)[best, np.arange(items)]
        which = np.where(most > 0, best, NEVER)
        return PairSupport(most, taken, which, tuple(value for value, _ in known))

    def about(self, support: PairSupport, at: int, value: str) -> PairSupport:
        """The same, but at this item of the pair with this of the query's values, if it has it:
        what a story is about need not be the pair seen most."""
        if value not in support.values:
            return support
        row = int(self.values.get_indexer(pd.Index([value], dtype="str"))[0])
        rows, taken, which = support.rows.copy(), support.taken.copy(), support.which.copy()
        rows[at], taken[at] = self.rows[row, at], self.taken[row, at]
        which[at] = support.values.index(value) if rows[at] else NEVER
        return PairSupport(rows, taken, which, support.values)

    def taken_by(self, user: str | None) -> Mask:
        """What a user took in training rows, [items]."""
        found = np.zeros(len(self.shown_rows), dtype=bool)
        if user is not None and self.histories is not None:
            at = int(self.users.get_indexer(pd.Index([user], dtype="str"))[0])
            if at >= 0:
                found[self.histories[[at]].indices] = True
        return found

    @cached_property
    def together(self) -> sparse.csr_array:
        """How many users took both of two items, [items, items]."""
        items = len(self.shown_rows)
        if self.histories is None:
            return sparse.csr_array((items, items))
        return sparse.csr_array(self.histories.T @ self.histories)

    def _values_of(self, query: Query) -> list[str]:
        if self.pair is None:
            return []
        value = dict(query.values).get(self.pair, query.user)
        if isinstance(value, tuple):
            return list(value)
        return [] if value is None else [str(value)]


def knowledge_of(train: Interactions, recommender: Recommender) -> Knowledge:
    """Count the training rows for the catalogue of a recommender."""
    schema, ids = train.schema, recommender.ids
    shown = incidence(train.frame[schema.item], ids, None)
    labels = train.labels.astype(np.int64)
    pair = _pair(train, recommender)
    values: pd.Index = pd.Series(dtype="str").index.astype("str")
    users, histories = values, None
    first = sparse.csr_array((len(train), 0))
    if pair is not None:
        field = schema.fields.get(pair)
        multi = field is not None and field.kind == "multi"
        separator = train.separator(pair) if multi else None
        values = _values(train.frame[pair], separator)
        first = incidence(train.frame[pair], values, separator)
    if schema.user is not None:
        users = _values(train.frame[schema.user], None)
        who = incidence(train.frame[schema.user], users, None)
        took = sparse.csr_array(who.T @ shown.multiply(labels[:, None]).tocsr())
        histories = (took > 0).astype(np.int64).tocsr()
    return Knowledge(
        pair=pair,
        values=values,
        rows=sparse.csr_array(first.T @ shown),
        taken=sparse.csr_array(first.T @ shown.multiply(labels[:, None]).tocsr()),
        shown_rows=np.asarray(shown.sum(0)).reshape(-1).astype(np.int64),
        taken_rows=np.asarray(shown.T @ labels).reshape(-1).astype(np.int64),
        users=users,
        histories=histories,
    )


def incidence(column: pd.Series, values: pd.Index, separator: str | None) -> sparse.csr_array:
    """1 where a row has a value, [rows, values]."""
    cells = to_categories(column)
    names = cells.cat.categories.astype("str")
    lists = [[n] if separator is None else cell_values(n, separator) for n in names]
    found = values.get_indexer(pd.Index([v for own in lists for v in own], dtype="str"))
    of_cell = np.repeat(np.arange(len(lists)), [len(own) for own in lists])
    kept = found >= 0
    table = sparse.csr_array(
        (np.ones(kept.sum(), dtype=np.int64), (of_cell[kept], found[kept])),
        # A last row for empty cells, whose code is -1.
        shape=(len(lists) + 1, len(values)),
    )
    return sparse.csr_array(table[cells.cat.codes.to_numpy().astype(np.int64) % (len(lists) + 1)])


def _values(column: pd.Series, separator: str | None) -> pd.Index:
    names = to_categories(column).cat.remove_unused_categories().cat.categories.astype("str")
    lists = [[n] if separator is None else cell_values(n, separator) for n in names]
    return pd.Index(sorted({value for own in lists for value in own}), dtype="str")


def _pair(train: Interactions, recommender: Recommender) -> str | None:
    schema = train.schema
    first, second = schema.pair
    numeric = first in schema.fields and schema.fields[first].kind == "numeric"
    if second == schema.item and first != second and not numeric:
        return first
    return recommender.items_field or schema.user
