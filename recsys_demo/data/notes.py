"""What a person should know of how a log was read, though nothing is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import to_categories
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt

EXAMPLES = 3


def label_notes(raw: RawTable, schema: Schema, labels: npt.NDArray[np.uint8]) -> list[str]:
    """Which cells count as taken, where the schema had to say so; that all do, where none says."""
    if schema.label is None:
        return [
            f"No label: every row counts as taken, and {schema.negatives_per_positive} items that "
            "were not taken are sampled for each."
        ]
    if schema.positive is None:
        return []
    taken = f"{int(labels.sum()):,} of {len(labels):,} rows count as taken"
    told = f"Column {excerpt(schema.label)}: {excerpt(schema.positive)} means taken; {taken}."
    if schema.threshold is not None:
        return [told]
    words = to_categories(raw.frame[schema.label])
    others = [w for w in words.cat.categories if w.lower() != schema.positive.strip().lower()]
    return [f"{told} Not taken: {examples(others)}."]


def duplicate_notes(raw: RawTable) -> list[str]:
    """How many rows are the same as an earlier one in every column."""
    count = int(raw.frame.duplicated().sum())
    if not count:
        return []
    return [f"{count:,} of {len(raw.frame):,} rows of {raw.name} repeat an earlier row."]


def join_notes(
    log: pd.Series, described: pd.Index, items: RawTable, what: str = "item"
) -> list[str]:
    """How many items (or users: `what`) of a log its file of them does not describe, and the other
    way round. `log` is that of every row, `described` are the ids of the file. Raises InputError if
    none fits."""
    counts = log.value_counts()
    unknown = counts[~counts.index.astype("str").isin(described)]
    unknown = unknown[unknown > 0]
    known = pd.Index(counts[counts > 0].index.astype("str"))
    if len(known) and len(unknown) == len(known):
        raise InputError(_nothing_joins(known, described, items, what))
    unused = described[~described.isin(known)]
    notes = []
    if len(unknown):
        notes.append(
            f"{len(unknown):,} of {len(known):,} {what}s of the log, in {int(unknown.sum()):,} of "
            f"{len(log):,} rows, are not in {items.name}: {examples(list(unknown.index))}."
        )
    if len(unused):
        notes.append(
            f"{len(unused):,} of {len(described):,} {what}s of {items.name} are in no row of the "
            f"log: {examples(list(unused))}."
        )
    return notes


def _nothing_joins(known: pd.Index, described: pd.Index, items: RawTable, what: str) -> Problem:
    return Problem(
        what=f"no {what} of the log is described in the {what} file",
        where=items.name,
        got=f"ids such as {examples(list(described))}",
        expected=f"the ids of the log, such as {examples(list(known))}",
        remedy=f"Write the ids of both files alike, or leave the {what} file out.",
    )


def examples(values: Sequence[object]) -> str:
    """The first of some values, as they may stand in a sentence."""
    told = ", ".join(excerpt(str(value)) for value in values[:EXAMPLES])
    return f"{told} and others" if len(values) > EXAMPLES else told
