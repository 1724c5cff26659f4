"""What the values of a column look like: the evidence a guess of its meaning stands on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import cell_values, number, to_categories, to_times
from recsys_demo.data.columns import FALSE_WORDS, PARTS, TRUE_WORDS
from recsys_demo.data.tables import LIST_SEPARATOR, RawTable

EXAMINED = 2_000  # distinct values looked at, spread over all of them
MOST = 0.95
MOSTLY = 0.8
SEPARATORS = ("|", ";", ", ", ",", "/")
LIST_SIGNS = ("|", ";")  # seldom part of a value, where commas and slashes often are
COMMA_NUMBER = re.compile(r"\s*-?(\d{1,3}(\.\d{3})+|\d+),\d+\s*")
POINT_NUMBER = re.compile(r"\s*-?\d*\.\d+([eE][-+]?\d+)?\s*")
DATE_LIKE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}:\d{2}|[A-Za-z]{3,} \d")
EPOCH = (1e8, 1e14)  # 1973 in seconds to 5138 in milliseconds


@dataclass(frozen=True, eq=False)
class Profile:
    """One column: `codes` per row (-1 missing) into `distinct` different values.

    `values` are those examined, `counts` how many rows each has.
    """

    name: str
    codes: npt.NDArray[np.int64]
    distinct: int
    values: tuple[str, ...]
    counts: tuple[int, ...]
    is_list: bool

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
        return self.has_both_labels and all(_is_label(value) for value in self.values)

    @property
    def has_both_labels(self) -> bool:
        """Mostly the two labels, each of them there; some cells may be wrong."""
        words = {value.strip().lower() for value in self.values}
        both = bool(words & TRUE_WORDS and words & FALSE_WORDS)
        return both and self.share(_is_label) >= MOSTLY

    @property
    def is_split(self) -> bool:
        """The parts of a split, training among them."""
        return "train" in self.values and set(self.values) <= set(PARTS)

    def is_numeric(self, decimal: str) -> bool:
        """Nearly all values are finite numbers."""
        if self.is_list or all(np.isnan(number(value, decimal)) for value in self.values):
            return False
        return self.share(lambda value: not np.isinf(number(value, decimal))) >= MOST

    @property
    def has_comma_numbers(self) -> bool:
        """Numbers like 3,5 and nothing that a comma could separate otherwise."""
        commas = [value for value in self.values if "," in value]
        return bool(commas) and all(COMMA_NUMBER.fullmatch(value) for value in commas)

    @property
    def has_point_numbers(self) -> bool:
        """Some numbers like 3.5; a whole number beside a stray word is no sign of it."""
        return any(POINT_NUMBER.fullmatch(value) for value in self.values)

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
        times, _ = to_times(pd.Series(self.values[:200], dtype="str"))
        return bool(np.isfinite(times).mean() >= MOST)

    @property
    def separator(self) -> str | None:
        """What separates the values in a cell, if cells hold several that come back elsewhere."""
        if self.is_list:
            return LIST_SEPARATOR
        if self.is_numeric(".") or self.is_numeric(",") or self.is_dates:
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


def _is_label(value: str) -> bool:
    return value.strip().lower() in TRUE_WORDS | FALSE_WORDS


def profiles(raw: RawTable) -> dict[str, Profile]:
    """A profile per readable column, in order."""
    return {str(name): _profile(raw, str(name)) for name in raw.frame.columns}


def _profile(raw: RawTable, name: str) -> Profile:
    column = to_categories(raw.frame[name])
    categories = column.cat.categories
    chosen = np.unique(np.linspace(0, len(categories) - 1, EXAMINED).astype(np.int64))
    values = tuple(str(categories[i]) for i in chosen) if len(categories) else ()
    codes = column.cat.codes.to_numpy().astype(np.int64)
    rows = np.bincount(codes[codes >= 0], minlength=len(categories))
    counts = tuple(int(rows[i]) for i in chosen) if values else ()
    return Profile(name, codes, len(categories), values, counts, name in raw.list_columns)


def follows(value: Profile, owner: Profile) -> bool:
    """Whether the owner (a user, an item) decides the value, as far as repeated rows show it."""
    rows = (value.codes >= 0) & (owner.codes >= 0)
    owners = np.unique(owner.codes[rows])
    if int(rows.sum()) < 1.2 * len(owners) or len(owners) < 2:
        return False
    pairs = np.unique(owner.codes[rows] * (value.distinct + 1) + value.codes[rows])
    return len(pairs) <= 1.01 * len(owners)
