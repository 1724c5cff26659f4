"""The reference pairs of a log: what can be memorized in it, and by what it is sliced."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.data.interactions import Interactions

Codes = npt.NDArray[np.int64]


def reference_pairs(interactions: Interactions) -> tuple[Codes, Codes]:
    """The reference pairs (`Schema.pair`) that occur, as (row, pair) with a number per pair.

    A row whose pair has a multi-valued part has one entry per distinct value, a row with an empty
    cell none. Numbers can be compared within this log only.
    """
    first, second = interactions.schema.pair
    rows, left = _values(interactions, first)
    at, right = _values(interactions, second)
    # Both are sorted by row: each entry of the left is paired with those of the right in its row.
    start = np.searchsorted(at, rows, side="left")
    length = np.searchsorted(at, rows, side="right") - start
    index = np.repeat(np.arange(len(rows)), length)
    partner = np.arange(len(index)) - np.repeat(np.cumsum(length) - length, length) + start[index]
    n_right = int(right.max()) + 1 if len(right) else 1
    return rows[index], left[index] * n_right + right[partner]


def _values(interactions: Interactions, name: str) -> tuple[Codes, Codes]:
    """Entries (row, value) of a column, ordered by row; a multi-valued cell has several."""
    column = interactions.frame[name].cat
    codes = column.codes.to_numpy().astype(np.int64)
    rows = np.flatnonzero(codes >= 0)
    field = interactions.schema.fields.get(name)
    if field is None or field.kind != "multi":
        return rows, codes[rows]
    offsets, values = _cell_values(column.categories, interactions.separator(name))
    length = np.diff(offsets)[codes[rows]]
    index = np.repeat(np.arange(len(rows)), length)
    within = np.arange(len(index)) - np.repeat(np.cumsum(length) - length, length)
    return rows[index], values[offsets[codes[rows]][index] + within]


def _cell_values(cells: pd.Index, separator: str) -> tuple[Codes, Codes]:
    """The distinct values of each different cell, numbered, with the offsets of the cells."""
    split = [cell_values(cell, separator) for cell in cells.astype("str")]
    offsets = np.cumsum([0, *map(len, split)])
    values, _ = pd.factorize(np.array([v for cell in split for v in cell], dtype=object))
    return offsets.astype(np.int64), values.astype(np.int64)
