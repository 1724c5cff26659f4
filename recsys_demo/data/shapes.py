"""The shape of a cell: whether it looks like a number, a date, a list, and written how."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys_demo.data.arrow_values import arrow, is_day, is_number
from recsys_demo.data.cell_lists import is_list, list_cell
from recsys_demo.data.cells import cell_values
from recsys_demo.data.moments import IN_DIGITS, possible_orders
from recsys_demo.data.numbers import CODES, MISSING_NUMBERS, plain_signs, without_currency
from recsys_demo.data.tables import LIST_SEPARATOR

# A name; with the mark of a number, or with the separator and the three numbers of a date.
Shape = tuple[str, ...]
Shapes = Counter[Shape]

MISSING: Shape = ("missing",)
TEXT: Shape = ("text",)
BOOLEAN: Shape = ("boolean",)
BIT: Shape = ("bit",)
NUMBER: Shape = ("number",)  # without a mark, or of a typed column
PADDED: Shape = ("padded",)  # 007 is a code, not the number 7
DAY: Shape = ("day",)  # the year first in four digits, or of a typed column
CELL: Shape = ("cell",)  # of a multi-valued field, one that is no list
LIST: Shape = ("list",)
TYPED_LIST: Shape = ("typed list",)

BOOLEANS = frozenset({"true", "false"})
WHOLE = re.compile(r"[+-]?\d+")
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d.*)?")
CLOCK = re.compile(r"[ ,T]*(?:\d{1,2}:\d\d.*)?")
# 1,234 and 1.234 may be thousands or decimals.
GROUP = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
MARKED = (
    ("decimal", ".", re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?")),
    ("decimal", ",", re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")),
    ("thousands", ",", re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")),
    ("thousands", ".", re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d*)?")),
    ("thousands", "'", re.compile(r"[+-]?\d{1,3}(?:'\d{3})+(?:[.,]\d*)?")),
    ("thousands", " ", re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d*)?")),
)
# What Arrow can tell of many values at once.
PLAIN_WHOLE = r"^[2-9]$|^[1-9]\d+$"
WORD = r"^[A-Za-z]"
NO_WORD = rf"^(?i:true|false|na|n/a|nan|null|none)$|^(?:{CODES})"


def shape_of(text: str) -> Shape:
    """The shape of one cell."""
    text = plain_signs(text)
    lower = text.lower()
    if lower in MISSING_NUMBERS:
        return MISSING
    if lower in BOOLEANS:
        return BOOLEAN
    if ISO_DAY.fullmatch(text):
        return DAY
    if is_list(text):
        return LIST
    return _date(text) or _number(text) or _priced(text) or TEXT


def column_shapes(column: pd.Series) -> Shapes:
    """How many rows of a column have each shape."""
    texts, rows = _distinct(column)
    if texts is None:
        values = arrow(column)
        filled = len(values) - values.null_count
        return Counter({_typed(values): filled}) if filled else Counter()
    return _counted(texts, rows)


def cell_shapes(column: pd.Series, separator: str, *, typed: bool) -> Shapes:
    """The shapes of the values in the cells of a multi-valued column, and how many of its cells
    are lists. `typed` says that the file itself has lists there."""
    texts, rows = _distinct(column)
    if texts is None:
        return column_shapes(column) + Counter({CELL: len(column)})
    shapes: Shapes = Counter()
    parts: Counter[str] = Counter()
    for cell, count in zip(texts.to_pylist(), rows.tolist(), strict=True):
        in_brackets = is_list(cell)
        shapes[TYPED_LIST if typed else LIST if in_brackets else CELL] += count
        cut = LIST_SEPARATOR if typed or in_brackets else separator
        for value in cell_values(list_cell(cell, separator) if in_brackets else cell, cut):
            parts[value] += count
    names = pa.array(parts.keys(), pa.string())
    return shapes + _counted(names, np.array(list(parts.values()), dtype=np.int64))


def _distinct(column: pd.Series) -> tuple[pa.Array | None, npt.NDArray[np.int64]]:
    """The different texts of a column and the rows of each; None for a column of another type."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = pa.array(column.cat.categories, from_pandas=True)
        codes = column.cat.codes.to_numpy()
        rows = np.bincount(codes[codes >= 0], minlength=len(categories))
    else:
        values = arrow(column)
        counted = values.drop_null().value_counts()
        categories, rows = counted.field(0), counted.field(1).to_numpy()
    if pa.types.is_string(categories.type) or pa.types.is_large_string(categories.type):
        return categories.cast(pa.string()), rows.astype(np.int64)
    return None, rows.astype(np.int64)


def _counted(texts: pa.Array, rows: npt.NDArray[np.int64]) -> Shapes:
    whole = pc.match_substring_regex(texts, PLAIN_WHOLE)
    word = pc.and_not(
        pc.match_substring_regex(texts, WORD), pc.match_substring_regex(texts, NO_WORD)
    )
    word, whole = (np.asarray(mask, dtype=bool) for mask in (word, whole))
    shapes: Shapes = Counter()
    for shape, mask in ((NUMBER, whole), (TEXT, word)):
        if mask.any():
            shapes[shape] += int(rows[mask].sum())
    others = np.flatnonzero(~(word | whole))
    for text, count in zip(texts.take(pa.array(others)).to_pylist(), rows[others], strict=True):
        shapes[shape_of(text)] += int(count)
    return shapes


def _typed(values: pa.ChunkedArray) -> Shape:
    kind = values.type
    if pa.types.is_boolean(kind):
        return BOOLEAN
    if is_day(kind):
        return DAY
    if not is_number(kind):
        return TEXT
    if pa.types.is_integer(kind):
        ends = pc.min_max(values).as_py()
        return BIT if ends["min"] >= 0 and ends["max"] <= 1 else NUMBER
    return NUMBER


def _date(text: str) -> Shape | None:
    found = IN_DIGITS.match(text)
    if found is None or not CLOCK.fullmatch(text[found.end() :]):
        return None
    first, separator, second, third = found.groups()
    if len(first) > 2:
        year_first = len(first) == 4 and possible_orders(int(first), int(second), int(third), 4)
        return DAY if year_first else None
    if len(third) not in (2, 4):
        return None
    if not possible_orders(int(first), int(second), int(third), len(first)):
        return None
    return ("date", separator, first, second, third)


def _number(text: str) -> Shape | None:
    if WHOLE.fullmatch(text):
        digits = text.lstrip("+-")
        if text in ("0", "1"):
            return BIT
        return PADDED if digits[0] == "0" and len(digits) > 1 else NUMBER
    if found := GROUP.fullmatch(text):
        return ("group", found[1])
    return next(((name, mark) for name, mark, form in MARKED if form.fullmatch(text)), None)


def _priced(text: str) -> Shape | None:
    """A number with the sign of a currency: its shape without it, and the sign."""
    amount, sign = without_currency(text)
    shape = _number(amount) if sign else None
    return None if shape is None else (*shape, "in", sign)
