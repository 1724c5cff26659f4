"""What the parts of a log have in common: values, users and items that training rows lack."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from recsys_demo.data.cells import cell_values
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.notes import examples
from recsys_demo.errors import excerpt

MOST_UNSEEN = 0.5


def unseen_notes(parts: Mapping[str, Interactions]) -> list[str]:
    """The fields of which most rows of a part have a value that training rows do not have."""
    train = parts["train"]
    notes = []
    for name, field in train.schema.fields.items():
        if field.kind == "numeric" or name in (train.schema.user, train.schema.item):
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


def match_notes(parts: Mapping[str, Interactions], most: float = MOST_UNSEEN) -> list[str]:
    """The users and the items of a part that are in no training row, counted and named, where they
    are more than this share of them."""
    train = parts["train"]
    notes = []
    for role, name in (("users", train.schema.user), ("items", train.schema.item)):
        if name is None:
            continue
        known = set(_values(train, name))
        for part, rows in parts.items():
            values = _values(rows, name) if part != "train" and len(rows) else {}
            unseen = {value: count for value, count in values.items() if value not in known}
            if len(unseen) > most * len(values):
                notes.append(
                    f"{len(unseen):,} of {len(values):,} {role} of the {part} part, in "
                    f"{sum(unseen.values()):,} of {len(rows):,} rows, are in no training row: "
                    f"{examples(list(unseen))}."
                )
    return notes


def _values(rows: Interactions, name: str) -> dict[str, int]:
    """In how many rows each value of a field occurs."""
    column = rows.frame[name]
    counts = np.bincount(column.cat.codes.to_numpy() + 1, minlength=len(column.cat.categories) + 1)
    found: dict[str, int] = {}
    is_multi = name in rows.schema.of_kind("multi")
    for cell, count in zip(column.cat.categories, counts[1:].tolist(), strict=True):
        for value in cell_values(cell, rows.separator(name)) if is_multi else [cell]:
            if count:
                found[value] = found.get(value, 0) + count
    return found
