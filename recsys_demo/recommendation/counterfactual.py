"""The nearest counterfactual: the smallest change found that moves an item into or out of a query's
first k."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Mask, Recommender

MOST_VALUES = 300  # values of a field that are tried, the most frequent in training first
PAIRED = 16  # single changes that are tried two by two
Kind = Literal["add", "remove", "set"]


@dataclass(frozen=True)
class Change:
    """One step away from a query. Its size is 1, or for a number the share of the training rows
    that lie between the old and the new value."""

    field: str
    kind: Kind
    value: str | float
    size: float = 1.0

    def apply(self, query: Query) -> Query:
        """The query after this step."""
        old = query.get(self.field)
        if self.kind == "set":
            return query.changed(self.field, self.value)
        values = old if isinstance(old, tuple) else ()
        left = tuple(value for value in values if value != self.value)
        added = (str(self.value),) if self.kind == "add" else ()
        return query.changed(self.field, (*left, *added))


@dataclass(frozen=True)
class Counterfactual:
    """`changes` that move the item from one side of the border between place k and k + 1 to the
    other, none if no such changes were found among the `tried`; places count candidates from 1."""

    changes: tuple[Change, ...]
    before: int
    after: int
    tried: int

    @property
    def size(self) -> float:
        """How far the changed query lies from the first."""
        return _size(self.changes)


def nearest_change(
    recommender: Recommender,
    query: Query,
    item: str,
    k: int,
    keep_installed: bool = False,
    taken: Mask | None = None,
) -> Counterfactual:
    """The smallest change found: every single one is tried, then the most promising ones that are
    smaller together than the best alone, two by two. `taken` [items] are no candidates, whatever
    is changed.

    Of changes of equal size the one with the clearest result is taken. Values beyond the
    `MOST_VALUES` most frequent of a field, and three changes at once, are not tried; who the user
    is stays. Raises KeyError for an item that is not in the catalogue.
    """
    at = recommender.position(item)
    if at is None:
        raise KeyError(item)
    judge = _Judge(recommender, at, k, keep_installed, taken)
    before, _ = judge(query)
    was_in = before <= k
    singles = [((change,), *judge(change.apply(query))) for change in moves(recommender, query, at)]
    found = _best(singles, k, was_in)
    bound = math.inf if found is None else _size(found[0])
    smaller = [one for one in singles if _size(one[0]) < bound]
    pairs = [
        ((one, other), *judge(other.apply(one.apply(query))))
        for one, other in combinations(_promising(smaller, was_in), 2)
        if one.size + other.size < bound
        and (one.field != other.field or "set" not in (one.kind, other.kind))
    ]
    found = _best([*singles, *pairs], k, was_in)
    tried = len(singles) + len(pairs)
    if found is None:
        return Counterfactual((), before, before, tried)
    return Counterfactual(found[0], before, found[1], tried)


def moves(recommender: Recommender, query: Query, at: int) -> Iterator[Change]:
    """Every single change that is tried; nobody is given the item itself."""
    fields, schema = recommender.encoder.fields, recommender.schema
    item = recommender.ids[at]
    for name, value in query.values:
        if name == schema.user:
            continue
        if name in fields.quantiles:
            yield from _numbers(recommender, name, value if isinstance(value, float) else None)
            continue
        vocabulary = fields.vocabularies[name]
        order = np.argsort(-np.array(vocabulary.counts), kind="stable")[:MOST_VALUES]
        offered = [vocabulary.values[i] for i in order if vocabulary.values[i]]
        if isinstance(value, tuple):
            yield from (Change(name, "remove", own) for own in value)
            new = [v for v in offered if v not in value]
            is_items = name == recommender.items_field
            yield from (Change(name, "add", v) for v in new if not (is_items and v == item))
        else:
            yield from (Change(name, "set", v) for v in offered if v != value)


def change_text(recommender: Recommender, query: Query, change: Change) -> str:
    """A change in words: `installed: without Rover`, `hour: evening instead of morning`."""
    if isinstance(change.value, float):
        old = query.get(change.field)
        before = f"{old:,.10g}" if isinstance(old, float) else "not known"
        return f"{change.field}: {change.value:,.10g} instead of {before}"
    value = recommender.readable(change.field, change.value)
    if change.kind == "set":
        old = query.get(change.field)
        before = recommender.readable(change.field, str(old)) if old is not None else "not known"
        return f"{change.field}: {value} instead of {before}"
    return f"{change.field}: {'with' if change.kind == 'add' else 'without'} {value}"


def _numbers(recommender: Recommender, name: str, old: float | None) -> Iterator[Change]:
    quantiles = recommender.encoder.fields.quantiles[name]
    if quantiles.n_q < 2:
        return
    start = np.interp(old, quantiles.cuts, quantiles.numbers) if old is not None else None
    for cut, number in zip(quantiles.cuts, quantiles.numbers, strict=True):
        if cut != old:
            size = 1.0 if start is None else abs(number - start) / (quantiles.n_q - 1)
            yield Change(name, "set", float(cut), max(float(size), 1e-3))


class _Judge:
    """Where the item stands for a query, and by how much it is in (positive) or out of the first
    k in logits."""

    def __init__(
        self, recommender: Recommender, at: int, k: int, keep_installed: bool, taken: Mask | None
    ) -> None:
        self.recommender = recommender
        self.at = at
        self.k = k
        self.keep_installed = keep_installed
        self.taken = taken

    def __call__(self, query: Query) -> tuple[int, float]:
        logits = self.recommender.logits(query)
        others = np.ones(len(logits), dtype=bool)
        if not self.keep_installed:
            others = ~self.recommender.installed(query)
            if self.taken is not None:
                others &= ~self.taken
        others[self.at] = False
        own, rivals = logits[self.at], logits[others]
        earlier = np.flatnonzero(others) < self.at
        place = 1 + int(((rivals > own) | ((rivals == own) & earlier)).sum())
        if len(rivals) < self.k:
            return place, np.inf
        return place, float(own - np.partition(rivals, -self.k)[-self.k])


_Judged = tuple[tuple[Change, ...], int, float]


def _best(judged: Sequence[_Judged], k: int, was_in: bool) -> _Judged | None:
    """The smallest that crosses the border, of equally small ones the clearest."""
    crossed = [one for one in judged if (one[1] <= k) != was_in]
    return min(
        crossed,
        key=lambda one: (_size(one[0]), -abs(one[2])),
        default=None,
    )


def _size(changes: Sequence[Change]) -> float:
    return sum(change.size for change in changes)


def _promising(singles: Sequence[_Judged], was_in: bool) -> list[Change]:
    order = sorted(singles, key=lambda one: one[2] if was_in else -one[2])
    return [changes[0] for changes, _, _ in order[:PAIRED]]
