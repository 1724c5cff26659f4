"""The reference pairs of a log: what can be memorized in it, and by what it is sliced."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.data.interactions import Interactions

Codes = npt.NDArray[np.int64]
Pair = tuple[str, str]
ROWS_AT_ONCE = 200_000  # pairs can be many times the rows: what is counted is never all in memory
MOST_COUNTS = 1_000_000  # one for every pair there may be, up to so many
REPEATS = 0.05  # share of the rows whose pair must stand in others too for it to be sliced by
OFTEN = 20  # rows
# A log never changes: its pair is looked for once.
_SLICED_BY: WeakKeyDictionary[Interactions, Pair] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class _Column:
    """The values of a column: row r has the cell `cells[r]` (-1: none), and a cell c the values
    `values[offsets[c]:offsets[c + 1]]`, which are places in `names`."""

    cells: Codes
    offsets: Codes
    values: Codes
    names: pd.Index

    def entries(self, start: int, stop: int) -> tuple[Codes, Codes]:
        """(row, value) of these rows, ordered by row; a multi-valued cell has several."""
        cells = self.cells[start:stop]
        rows = np.flatnonzero(cells >= 0)
        length = np.diff(self.offsets)[cells[rows]]
        index = np.repeat(np.arange(len(rows)), length)
        within = np.arange(len(index)) - np.repeat(np.cumsum(length) - length, length)
        return rows[index] + start, self.values[self.offsets[cells[rows[index]]] + within]

    def numbered_by(self, names: pd.Index) -> _Column:
        """The same with places in other names, -1 for a value they lack."""
        return replace(self, values=names.get_indexer(self.names)[self.values], names=names)


def reference_pairs(interactions: Interactions) -> tuple[Codes, Codes]:
    """The reference pairs (`Schema.pair`) that occur, as (row, pair) with a number per pair.

    A row whose pair has a multi-valued part has one entry per distinct value, a row with an empty
    cell none. Numbers can be compared within this log only.
    """
    return _pairs(*_columns(interactions), 0, len(interactions))


class PairCounter:
    """Counts in how many training rows the reference pairs of a part occur, piece by piece."""

    def __init__(self, part: Interactions) -> None:
        self._columns = _columns(part)
        self._rows = len(part)
        possible = math.prod(max(1, len(column.names)) for column in self._columns)
        # Of few possible pairs each has a count, at its number; of many, those that occur.
        self._keys = None if possible <= MOST_COUNTS else self._occurring()
        self._counts = np.zeros(possible if self._keys is None else len(self._keys), dtype=np.int64)

    def add(self, train: Interactions) -> None:
        """More training rows."""
        if not len(self._counts):
            return
        own = _columns(train)
        left, right = (
            column.numbered_by(known.names)
            for column, known in zip(own, self._columns, strict=True)
        )
        for _, keys in _in_pieces((left, right), len(train)):
            found = keys
            if self._keys is not None:
                at = np.searchsorted(self._keys, keys)
                at[at == len(self._keys)] = 0
                found = at[self._keys[at] == keys]
            self._counts += np.bincount(found, minlength=len(self._counts))

    def support(self) -> Codes:
        """Per row of the part, [rows]; one with several pairs counts by the one seen most often."""
        support = np.zeros(self._rows, dtype=np.int64)
        for rows, keys in _in_pieces(self._columns, self._rows):
            at = keys if self._keys is None else np.searchsorted(self._keys, keys)
            np.maximum.at(support, rows, self._counts[at])
        return support

    def _occurring(self) -> Codes:
        keys = [np.unique(keys) for _, keys in _in_pieces(self._columns, self._rows)]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *keys]))


def distinct_values(rows: Interactions, name: str) -> int:
    """Different values of a column that is no number; a list's members count one by one."""
    column = _column(rows, name)
    cells = np.unique(column.cells[column.cells >= 0])
    entries = replace(column, cells=cells).entries(0, len(cells))[1]
    return len(np.unique(entries))


def with_pair(part: Interactions, pair: Pair) -> Interactions:
    """The same rows judged by another reference pair."""
    return replace(part, schema=part.schema.model_copy(update={"reference_pair": pair}))


def pair_support(train: Interactions, part: Interactions) -> Codes:
    """In how many training rows the reference pair of each row of `part` occurs, [rows].

    A row with several pairs (several installed apps) counts by the one seen most often.
    """
    counter = PairCounter(part)
    counter.add(train)
    return counter.support()


def sliced_pair(train: Interactions) -> Pair:
    """The pair by whose support rows are sliced: that of the schema. Where it hardly ever repeats,
    as where a person takes an item once, and the schema does not insist on it: its first part with
    the attribute of the item that gives most rows both of pairs seen often and of new ones."""
    if train not in _SLICED_BY:
        _SLICED_BY[train] = _sliced_pair(train)
    return _SLICED_BY[train]


def _sliced_pair(train: Interactions) -> Pair:
    schema = train.schema
    first, second = schema.pair
    field = schema.fields.get(first)
    is_list = field is not None and field.kind == "multi"
    if schema.reference_pair is not None or is_list or second != schema.item:
        return schema.pair
    # Sampled negatives repeat by chance.
    rows = train if schema.label is not None else train.take(train.labels == 1)
    if not len(rows) or (pair_support(rows, rows) > 1).mean() >= REPEATS:
        return schema.pair
    spread = {
        (first, name): _spread(with_pair(rows, (first, name)))
        for name in schema.of_side("item")
        if name not in (first, second) and schema.fields[name].kind != "numeric"
    }
    best = max(spread, key=lambda pair: spread[pair], default=schema.pair)
    return best if spread.get(best, (0, 0)) > (0, 0) else schema.pair


def _spread(rows: Interactions) -> tuple[int, int]:
    """The smaller of two numbers of rows, and the first of them: rows whose pair stands in many
    other rows, and rows whose pair stands in no other."""
    others = pair_support(rows, rows) - 1
    often, new = int((others >= OFTEN).sum()), int((others == 0).sum())
    return min(often, new), often


def _in_pieces(columns: tuple[_Column, _Column], rows: int) -> Iterator[tuple[Codes, Codes]]:
    for start in range(0, rows, ROWS_AT_ONCE):
        yield _pairs(*columns, start, min(start + ROWS_AT_ONCE, rows))


def _pairs(first: _Column, second: _Column, start: int, stop: int) -> tuple[Codes, Codes]:
    rows, left = first.entries(start, stop)
    at, right = second.entries(start, stop)
    # Both are sorted by row: each entry of the left is paired with those of the right in its row.
    count = np.bincount(at - start, minlength=stop - start)
    first_of_row = np.cumsum(count) - count
    begin, length = first_of_row[rows - start], count[rows - start]
    index = np.repeat(np.arange(len(rows)), length)
    partner = np.arange(len(index)) - np.repeat(np.cumsum(length) - length, length) + begin[index]
    known = (left[index] >= 0) & (right[partner] >= 0)
    index, partner = index[known], partner[known]
    return rows[index], left[index] * max(1, len(second.names)) + right[partner]


def _columns(interactions: Interactions) -> tuple[_Column, _Column]:
    first, second = interactions.schema.pair
    return _column(interactions, first), _column(interactions, second)


def _column(interactions: Interactions, name: str) -> _Column:
    column = interactions.frame[name].cat
    cells = column.codes.to_numpy().astype(np.int64)
    names = column.categories.astype("str")
    field = interactions.schema.fields.get(name)
    if field is None or field.kind != "multi":
        every = np.arange(len(names) + 1)
        return _Column(cells, every, every[:-1], pd.Index(names))
    split = [cell_values(cell, interactions.separator(name)) for cell in names]
    offsets = np.cumsum([0, *map(len, split)]).astype(np.int64)
    values, uniques = pd.factorize(np.array([v for cell in split for v in cell], dtype=object))
    return _Column(cells, offsets, values.astype(np.int64), pd.Index(uniques, dtype="str"))
