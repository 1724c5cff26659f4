"""How the columns of a log go together: what goes with the item, what only other parts know."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.notes import examples
from recsys_demo.data.schema import Schema
from recsys_demo.errors import excerpt

MOST_UNSEEN = 0.5
EXAMINED = 20_000  # rows looked at for what goes with the item
LEAST_ROWS = 100  # fewer show nothing
DETERMINED = 0.8
BINS = 100
Codes = npt.NDArray[np.int64]


def unseen_notes(parts: Mapping[str, Interactions]) -> list[str]:
    """The fields of which most rows of a part have a value that training rows do not have."""
    train = parts["train"]
    notes = []
    for name, field in train.schema.fields.items():
        if field.kind == "numeric":
            continue
        known = set(_values(train, name))
        for part, rows in parts.items():
            if part == "train" or not len(rows):
                continue
            values = _values(rows, name)
            unseen = {value: count for value, count in values.items() if value not in known}
            total, lost = sum(values.values()), sum(unseen.values())
            if lost > MOST_UNSEEN * total:
                notes.append(
                    f"{lost:,} of {total:,} values of {excerpt(name)} in the {part} part are in no "
                    f"training row: {examples(list(unseen))}."
                )
    return notes


def item_notes(log: Interactions) -> list[str]:
    """Context fields that nearly tell the item, or that the item nearly tells.

    Judged on rows that were not used to find out: every second row is told from the others.
    """
    # A sampled row has the context of its positive.
    rows = np.flatnonzero(log.labels == 1) if log.schema.label is None else np.arange(len(log))
    if len(rows) < LEAST_ROWS:
        return []
    some = log.take(rows[np.unique(np.linspace(0, len(rows) - 1, EXAMINED).astype(np.int64))])
    items = some.frame[log.schema.item].cat.codes.to_numpy().astype(np.int64)
    notes = []
    for name, field in log.schema.fields.items():
        if field.side != "context" or field.kind == "multi":
            continue
        column = some.frame[name]
        values = _binned(column) if field.kind == "numeric" else column.cat.codes.to_numpy()
        values = values.astype(np.int64)
        explained = _explained(items, column.to_numpy()) if field.kind == "numeric" else 0.0
        if (
            max(_determined_share(values, items), _determined_share(items, values), explained)
            >= DETERMINED
        ):
            notes.append(_goes_with_the_item(name, log.schema))
    return notes


def _goes_with_the_item(name: str, schema: Schema) -> str:
    told = f"Field {excerpt(name)} goes with the item: knowing one nearly tells the other."
    remedy = 'Give it side = "item", or leave it out.'
    if schema.label is None:
        return f"{told} A sampled row keeps it and gets another item, which gives it away. {remedy}"
    return f"{told} {remedy}"


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


def _values(rows: Interactions, name: str) -> dict[str, int]:
    """In how many rows each value of a field occurs."""
    column = rows.frame[name]
    counts = np.bincount(column.cat.codes.to_numpy() + 1, minlength=len(column.cat.categories) + 1)
    found: dict[str, int] = {}
    for cell, count in zip(column.cat.categories, counts[1:].tolist(), strict=True):
        is_multi = rows.schema.fields[name].kind == "multi"
        for value in cell_values(cell, rows.separator(name)) if is_multi else [cell]:
            if count:
                found[value] = found.get(value, 0) + count
    return found
