"""Codes for the values of categorical and multi-valued fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.errors import InputError, excerpt
from recsys_demo.limits import Limits

Codes = npt.NDArray[np.int32]

ABSENT = -1  # no value in this place
UNKNOWN = 0  # a value the training rows did not have often enough
MISSING = ""  # the value of an empty cell of a categorical field
MISSING_NAME = "(missing)"


@dataclass(frozen=True)
class Vocabulary:
    """The values of one field that have a code of their own.

    Codes: `ABSENT` (-1) nothing there, `UNKNOWN` (0) any value without a code of its own,
    1 + k for `values[k]`. An empty cell of a categorical field is the value `MISSING`, an empty
    cell of a multi-valued field is the empty set.
    """

    field: str
    multi: bool
    values: tuple[str, ...]
    counts: tuple[int, ...]
    separator: str = "|"

    @property
    def size(self) -> int:
        """Number of codes from 0: the values and the unknown one."""
        return len(self.values) + 1

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.values, dtype="str")

    def codes_of(self, values: Iterable[str]) -> Codes:
        """The code of each value, `UNKNOWN` for one without."""
        found = self._index.get_indexer(pd.Index(list(values), dtype="str"))
        return (found + 1).astype(np.int32)

    def code_of(self, value: str) -> int:
        """The code of one value, `UNKNOWN` for one without."""
        try:
            # The values differ from each other, so that their places are numbers.
            return cast(int, self._index.get_loc(value)) + 1
        except KeyError:
            return UNKNOWN

    def encode(self, column: pd.Series) -> Codes:
        """Codes of a categorical column: [rows, 1], or [rows, most values in a cell] if multi."""
        categories = [str(category) for category in column.cat.categories]
        rows = column.cat.codes.to_numpy()
        if not self.multi:
            of_category = np.append(self.codes_of(categories), self.codes_of([MISSING]))
            return of_category[rows].reshape(-1, 1)
        of_category = self._codes_of_cells(categories)
        empty = np.full((1, len(of_category.T)), ABSENT, dtype=np.int32)
        return np.concatenate([of_category, empty])[rows]

    def _codes_of_cells(self, cells: list[str]) -> Codes:
        lists = [cell_values(cell, self.separator) for cell in cells]
        width = max([len(values) for values in lists], default=1) or 1
        lengths = np.array([len(values) for values in lists], dtype=np.int64)
        table = np.full((len(lists), width), ABSENT, dtype=np.int32)
        table[np.arange(width) < lengths.reshape(-1, 1)] = self.codes_of(
            [value for values in lists for value in values]
        )
        return _without_repeated_unknown(table)

    def name(self, code: int) -> str:
        """A value as a person may read it."""
        if code == UNKNOWN:
            return "(unknown)"
        return self.values[code - 1] or MISSING_NAME


def fit_vocabulary(
    column: pd.Series, field: str, multi: bool, separator: str, min_count: int, limits: Limits
) -> Vocabulary:
    """The values that at least `min_count` rows of the column have, in natural order.

    Raises InputError if they are more than the limit.
    """
    counts = value_counts(column, multi, separator)
    return vocabulary_of(counts, field, multi, separator, min_count, limits)


def vocabulary_of(
    counts: Mapping[str, int],
    field: str,
    multi: bool,
    separator: str,
    min_count: int,
    limits: Limits,
) -> Vocabulary:
    """`fit_vocabulary` for values whose rows are counted already. Raises InputError."""
    kept = {value: count for value, count in counts.items() if count >= min_count}
    if len(kept) > limits.cardinality:
        raise InputError.of(
            what="the field has more different values than this lab allows",
            where=f"field {excerpt(field)}",
            got=f"{len(kept):,} values",
            expected=f"at most {limits.cardinality:,}",
            remedy="Raise min_count of the field, or leave it out.",
        )
    values = sorted(kept)
    return Vocabulary(
        field, multi, tuple(values), tuple(kept[value] for value in values), separator
    )


def value_counts(column: pd.Series, multi: bool, separator: str) -> dict[str, int]:
    """In how many rows of a column every value occurs."""
    codes = column.cat.codes.to_numpy()
    rows = np.bincount(codes[codes >= 0], minlength=len(column.cat.categories))
    counts: dict[str, int] = {}
    for category, count in zip(column.cat.categories, rows.tolist(), strict=True):
        if count:
            for value in cell_values(str(category), separator) if multi else [str(category)]:
                counts[value] = counts.get(value, 0) + count
    missing = int((codes < 0).sum())
    if missing and not multi:
        counts[MISSING] = counts.get(MISSING, 0) + missing
    return counts


def _without_repeated_unknown(table: Codes) -> Codes:
    """One unknown value says as much as three: keep the first of each cell."""
    unknown = table == UNKNOWN
    if unknown.any():
        repeated = unknown & (np.cumsum(unknown, axis=1) > 1)
        table[repeated] = ABSENT
    return table
