"""Fields that give the label away: what goes with the item beside sampled rows, what was written
after an item was taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Field, Schema
from recsys_demo.errors import excerpt

EXAMINED = 20_000  # rows looked at
LEAST_ROWS = 100  # fewer show nothing
DETERMINED = 0.8
TOLD = 0.98  # of the label: what is so good was hardly known before
BINS = 100
MOST_FIELDS = 10  # of which pairs are looked at
Codes = npt.NDArray[np.int64]
# What the fields tell, and which way: the item decides the field, or the field the item.
Of = Literal["of the item", "the item", "the label"]


@dataclass(frozen=True)
class Leak:
    """One or two context fields that tell what they should not; `field` is the one to change."""

    fields: tuple[str, ...]
    field: str
    tells: Of

    @property
    def belongs_to_item(self) -> bool:
        """Whether it is right on the item's side; otherwise it is to be left out."""
        return self.tells == "of the item"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if self.belongs_to_item:
            return f'Give {excerpt(self.field)} side = "item", or leave it out.'
        return f"Leave {excerpt(self.field)} out."


def leaks(log: Interactions) -> list[Leak]:
    """The context fields, and pairs of them, that nearly tell the item or that it nearly tells; and
    the fields that nearly tell the label.

    Judged on rows that were not used to find out: every second row is told from the others.
    """
    is_sampled = log.schema.label is None
    # A sampled row has the context of its positive.
    rows = np.flatnonzero(log.labels == 1) if is_sampled else np.arange(len(log))
    if len(rows) < LEAST_ROWS:
        return []
    some = log.take(rows[np.unique(np.linspace(0, len(rows) - 1, EXAMINED).astype(np.int64))])
    singles = list(_of_item(some))
    found = {leak.field for leak in singles}
    if is_sampled:
        return [*singles, *_pairs_of_item(some, found)]
    return [*_of_label(some), *singles]


def item_notes(log: Interactions) -> list[str]:
    """A sentence for each of the leaks of a log."""
    return [leak_sentence(leak, log.schema) for leak in leaks(log)]


def leak_sentence(leak: Leak, schema: Schema) -> str:
    """What is wrong with a field, and what to do."""
    name = " and ".join(map(excerpt, leak.fields))
    if leak.tells == "the label":
        told = "nearly determines the label: it may have been recorded after the item was taken."
        return f"Field {name} {told} {leak.remedy}"
    told = f"Field {name} goes with the item: one nearly determines the other."
    if len(leak.fields) > 1:
        told = f"Fields {name} together nearly determine the item."
    if schema.label is None:
        told += (
            " A sampled negative keeps the value and gets another item, which gives the label away."
        )
    return f"{told} {leak.remedy}"


def without_leaks(schema: Schema, found: Sequence[Leak]) -> tuple[Schema, dict[str, str]]:
    """The schema in which no field gives the label away, and by field what was done. Fields that go
    with the item do so only where rows are sampled; one field is always left."""
    fields, done = dict(schema.fields), dict[str, str]()
    for leak in found:
        name = leak.field
        if leak.tells != "the label" and schema.label is not None:
            continue
        if leak.belongs_to_item:
            fields[name] = fields[name].model_copy(update={"side": "item"})
            done[name] = f"moved to the item: {leak_sentence(leak, schema)}"
        elif name in fields and len(fields) > 1:
            del fields[name]
            done[name] = f"left out: {leak_sentence(leak, schema)}"
    return schema.model_copy(update={"fields": fields}), done


def _context(log: Interactions) -> Iterator[tuple[str, Field]]:
    for name, field in log.schema.fields.items():
        if field.side == "context" and field.kind != "multi":
            yield name, field


def _codes(log: Interactions, name: str, field: Field) -> Codes:
    column = log.frame[name]
    values = _binned(column) if field.kind == "numeric" else column.cat.codes.to_numpy()
    return values.astype(np.int64)


def _items(log: Interactions) -> Codes:
    codes: Codes = log.frame[log.schema.item].cat.codes.to_numpy().astype(np.int64)
    return codes


def _of_item(log: Interactions) -> Iterator[Leak]:
    items = _items(log)
    for name, field in _context(log):
        values = _codes(log, name, field)
        if _by_item(log, name, field, items, values) >= DETERMINED:
            yield Leak((name,), name, "of the item")
        elif _determined_share(values, items) >= DETERMINED:
            yield Leak((name,), name, "the item")


def _by_item(log: Interactions, name: str, field: Field, items: Codes, values: Codes) -> float:
    """How much of a field the item tells."""
    explained = _explained(items, log.frame[name].to_numpy()) if field.kind == "numeric" else 0.0
    return max(_determined_share(items, values), explained)


def _pairs_of_item(log: Interactions, found: set[str]) -> Iterator[Leak]:
    """Pairs of fields of which neither tells the item alone; the one that is more of the item is
    the one to leave out."""
    items = _items(log)
    fields = [(name, field) for name, field in _context(log) if name not in found][:MOST_FIELDS]
    codes = {name: _codes(log, name, field) for name, field in fields}
    by_item = {name: _by_item(log, name, field, items, codes[name]) for name, field in fields}
    for one, other in combinations(codes, 2):
        if found & {one, other}:
            continue
        both = (codes[one] + 1) * (codes[other].max() + 2) + codes[other] + 1
        if _determined_share(both, items) >= DETERMINED:
            worse = max(one, other, key=by_item.__getitem__)
            found.add(worse)
            yield Leak((one, other), worse, "the item")


def _of_label(log: Interactions) -> Iterator[Leak]:
    labels = log.labels.astype(np.int64)
    for name, field in _context(log):
        if _determined_share(_codes(log, name, field), labels) >= TOLD:
            yield Leak((name,), name, "the label")


def _binned(column: pd.Series) -> Codes:
    ranks = column.rank(method="first", na_option="top").to_numpy()
    return (ranks * BINS / (len(ranks) + 1)).astype(np.int64)


def _determined_share(by: Codes, what: Codes) -> float:
    """How much better than by the most frequent value every second row is told from the others: 0
    not at all, 1 always."""
    counts = pd.Series(1, index=[by[::2], what[::2]]).groupby(level=[0, 1]).sum()
    best = counts.groupby(level=0).idxmax().map(lambda pair: pair[1])
    guessed = pd.Series(by[1::2]).map(best).to_numpy()
    right = float((guessed == what[1::2]).mean())
    base = float((what[1::2] == np.bincount(what[::2] + 1).argmax() - 1).mean())
    return (right - base) / (1 - base) if base < 1 else 0.0


def _explained(items: Codes, numbers: npt.NDArray[np.float64]) -> float:
    """The share of the variance of numbers that the mean of their item explains."""
    halves = pd.DataFrame({"item": items, "number": numbers})
    means = halves[::2].groupby("item")["number"].mean()
    told = halves[1::2].assign(mean=halves[1::2]["item"].map(means)).dropna()
    spread = float(told["number"].var())
    if len(told) < 2 or not spread > 0:
        return 0.0
    return 1.0 - float(((told["number"] - told["mean"]) ** 2).mean()) / spread
