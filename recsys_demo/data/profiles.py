"""What the values of a column look like: the evidence a guess of its meaning stands on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recsys_demo.data import shapes as seen
from recsys_demo.data.cells import cell_values, to_categories
from recsys_demo.data.column_formats import ColumnFormat
from recsys_demo.data.columns import PARTS
from recsys_demo.data.evidence import decided_format, number_rows
from recsys_demo.data.labels import FALSE_WORDS, TRUE_WORDS, is_label
from recsys_demo.data.moments import moments
from recsys_demo.data.numbers import number
from recsys_demo.data.shapes import Shapes, column_shapes
from recsys_demo.data.tables import LIST_SEPARATOR, RawTable

EXAMINED = 2_000  # distinct values looked at, spread over all of them
MOST = 0.95
MOSTLY = 0.8
SEPARATORS = ("|", ";", ", ", ",", "/")
LIST_SIGNS = ("|", ";")  # seldom part of a value, where commas and slashes often are
DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}:\d{2}|[A-Za-z]{3,} \d")
EPOCH = (1e8, 1e14)  # 1973 in seconds to 5138 in milliseconds


@dataclass(frozen=True, eq=False)
class Profile:
    """One column: `codes` per row (-1 missing) into `distinct` different values.

    `values` are those examined, `counts` how many rows each has, `shapes` how all are written.
    """

    name: str
    codes: npt.NDArray[np.int64]
    distinct: int
    values: tuple[str, ...]
    counts: tuple[int, ...]
    is_list: bool
    shapes: Shapes

    @property
    def filled(self) -> int:
        """Rows with a value."""
        return int((self.codes >= 0).sum())

    def share(self, holds: Callable[[str], bool]) -> float:
        """Share of the rows with an examined value of which something holds."""
        matching = sum(n for v, n in zip(self.values, self.counts, strict=True) if holds(v))
        return matching / max(1, sum(self.counts))

    @property
    def is_binary(self) -> bool:
        """Just the two labels, however they are written."""
        return self.has_both_labels and all(is_label(value) for value in self.values)

    @property
    def has_both_labels(self) -> bool:
        """Mostly the two labels, each of them there; some cells may be wrong."""
        words = {value.strip().lower() for value in self.values}
        both = bool(words & TRUE_WORDS and words & FALSE_WORDS)
        return both and self.share(is_label) >= MOSTLY

    @property
    def is_split(self) -> bool:
        """The parts of a split, training among them."""
        return "train" in self.values and set(self.values) <= set(PARTS)

    @cached_property
    def form(self) -> ColumnFormat:
        """How its cells are written if they are numbers or dates."""
        return decided_format(self.shapes, "numbers")

    @cached_property
    def is_numeric(self) -> bool:
        """Nearly all values are finite numbers."""
        filled = self.filled - self.shapes[seen.MISSING]
        numbers = number_rows(self.shapes, self.form)
        return not self.is_list and numbers > 0 and numbers >= MOST * filled

    def numbers(self) -> npt.NDArray[np.float64]:
        """The examined values as numbers: NaN where missing, inf where it is none."""
        return np.array([number(value, self.form) for value in self.values], dtype=np.float64)

    @property
    def is_whole(self) -> bool:
        """Every value is a whole number."""
        return bool(self.values) and all(re.fullmatch(r"\s*-?\d+\s*", v) for v in self.values)

    @property
    def is_padded(self) -> bool:
        """Whole numbers, some written with zeros in front: codes, of which nobody takes a mean."""
        return self.is_whole and any(re.fullmatch(r"\s*0\d+\s*", v) for v in self.values)

    @property
    def is_epoch(self) -> bool:
        """Whole numbers as large as seconds since 1970 are."""
        return self.is_whole and all(EPOCH[0] <= float(v) <= EPOCH[1] for v in self.values)

    @property
    def is_dates(self) -> bool:
        """Nearly all values are dates or moments."""
        if self.share(lambda value: bool(DATE_LIKE.search(value))) < MOST:
            return False
        times = moments(self.values[:200], self.form.order)
        return bool(np.isfinite(times).mean() >= MOST)

    @property
    def separator(self) -> str | None:
        """What separates the values in a cell, if cells hold several that come back elsewhere."""
        if self.is_list:
            return LIST_SEPARATOR
        if self.is_numeric or self.is_dates:
            return None
        for separator in SEPARATORS:
            cells = [cell_values(value, separator) for value in self.values]
            several = sum(len(cell) > 1 for cell in cells) / max(1, len(cells))
            parts = [part for cell in cells for part in cell]
            repeats = 1.0 if separator in LIST_SIGNS else 1.5
            if several >= 0.2 and len(parts) > repeats * len(set(parts)):
                return separator
        return None

    def is_free_text(self) -> bool:
        """A different value in nearly every row says nothing about the next row."""
        return self.filled >= 20 and self.distinct > 0.9 * self.filled


def profiles(raw: RawTable) -> dict[str, Profile]:
    """A profile per readable column, in order."""
    return {str(name): profile_of(raw, str(name)) for name in raw.frame.columns}


def profile_of(raw: RawTable, name: str) -> Profile:
    """The profile of one column."""
    column = to_categories(raw.frame[name])
    categories = column.cat.categories
    chosen = np.unique(np.linspace(0, len(categories) - 1, EXAMINED).astype(np.int64))
    values = tuple(str(categories[i]) for i in chosen) if len(categories) else ()
    codes = column.cat.codes.to_numpy().astype(np.int64)
    rows = np.bincount(codes[codes >= 0], minlength=len(categories))
    counts = tuple(int(rows[i]) for i in chosen) if values else ()
    shapes = column_shapes(raw.frame[name])
    filled = len(codes) - shapes[seen.MISSING]
    in_brackets = shapes[seen.LIST] > 0 and shapes[seen.LIST] >= MOSTLY * filled
    is_list = name in raw.list_columns or in_brackets
    return Profile(name, codes, len(categories), values, counts, is_list, shapes)


def follows(value: Profile, owner: Profile) -> bool:
    """Whether the owner (a user, an item) decides the value, as far as repeated rows show it."""
    rows = (value.codes >= 0) & (owner.codes >= 0)
    owners = np.unique(owner.codes[rows])
    if int(rows.sum()) < 1.2 * len(owners) or len(owners) < 2:
        return False
    pairs = np.unique(owner.codes[rows] * (value.distinct + 1) + value.codes[rows])
    return len(pairs) <= 1.01 * len(owners)
