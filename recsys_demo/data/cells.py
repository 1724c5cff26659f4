"""Cells as categories, numbers and points in time, by the format of their column."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys_demo.data.arrow_values import arrow, floats, is_day, is_number, texts
from recsys_demo.data.cell_lists import cell_of, list_cell
from recsys_demo.data.column_formats import PLAIN_NUMBER, TEXT, ColumnFormat
from recsys_demo.data.moments import day_texts, moments, of_numbers, second_times
from recsys_demo.data.numbers import MISSING_NUMBERS, number, number_text
from recsys_demo.data.tables import LIST_SEPARATOR

WHOLE = r"^(0|-?[1-9]\d*)$"
TIMES = ColumnFormat(values="date")
BITS = {"1": "true", "0": "false"}


def to_categories(column: pd.Series, form: ColumnFormat = TEXT) -> pd.Series:
    """Any plain column as a categorical of strings, one for each value however it was written;
    missing stays missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        if _are_written(column.cat.categories, form):
            return column
        names: Sequence[str] = texts(pa.array(column.cat.categories, from_pandas=True))
        codes = column.cat.codes.to_numpy().astype(np.intp)
    else:
        coded = arrow(column).combine_chunks().dictionary_encode()
        names = texts(coded.dictionary)
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
    names = _one_each(names, form)
    codes, index = _merged(codes, names)
    categories = pd.Categorical.from_codes(codes, categories=index)
    return pd.Series(categories, index=column.index, name=column.name)


def _are_written(categories: pd.Index, form: ColumnFormat) -> bool:
    """Whether every category is a text already as it is to be, which is quickly seen."""
    if not isinstance(categories.dtype, pd.StringDtype):
        return False
    if form.values != "number":
        return form.values == "text"
    return bool(pc.all(pc.match_substring_regex(pa.array(categories), WHOLE)).as_py())


def to_lists(column: pd.Series, separator: str, form: ColumnFormat) -> pd.Series:
    """A multi-valued column as a categorical of strings, each holding its values between
    `LIST_SEPARATOR`s if the format says lists, else between `separator`s."""
    words = to_categories(column)
    if not form.lists and form.values == "text":
        return words
    mark = LIST_SEPARATOR if form.lists else separator

    def written(cell: str) -> str:
        cell = list_cell(cell, separator) if form.lists else cell
        values = _one_each(cell_values(cell, mark), form)
        return cell_of(values) if form.lists else mark.join(filter(None, values))

    names = [written(cell) for cell in words.cat.categories]
    codes, index = _merged(words.cat.codes.to_numpy().astype(np.intp), names)
    categories = pd.Categorical.from_codes(codes, categories=index)
    return pd.Series(categories, index=column.index, name=column.name)


def _one_each(names: Sequence[str], form: ColumnFormat) -> Sequence[str]:
    """One text for each value, however it was written."""
    match form.values:
        case "number":
            return [number_text(name, form) for name in names]
        case "boolean":
            lower = (name.strip().lower() for name in names)
            return ["" if n in MISSING_NUMBERS else BITS.get(n, n) for n in lower]
        case "date":
            return _day_names(names, form)
    return [name.strip() for name in names]


def _day_names(names: Sequence[str], form: ColumnFormat) -> list[str]:
    days = day_texts(second_times(moments(names, form.order)))
    empty = [name.strip().lower() in MISSING_NUMBERS for name in names]
    return [
        "" if missing else day or name.strip()
        for name, day, missing in zip(names, days, empty, strict=True)
    ]


def _merged(
    codes: npt.NDArray[np.intp], names: Sequence[str]
) -> tuple[npt.NDArray[np.intp], pd.Index]:
    """Codes of names that differ from each other; the empty name is a missing value."""
    position, unique = pd.factorize(np.array(names, dtype=object))
    index = pd.Index(unique, dtype="str")
    if (at := np.flatnonzero(index == "")).size:
        position = np.where(position == at[0], -1, position - (position > at[0]))
        index = index.delete(at[0])
    return np.append(position, -1)[codes].astype(np.intp), index


def to_numbers(
    column: pd.Series, form: ColumnFormat = PLAIN_NUMBER
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Numbers (NaN where missing) and a mask of the cells that are not finite numbers.

    Booleans are 1 and 0, days seconds since 1970.
    """
    if form.values == "date":
        return to_times(column, form, may_be_empty=True)
    numbers = _of_each(column, lambda names: [_number(name, form) for name in names])
    # inf marks what is no finite number, NaN what is missing.
    return np.where(np.isinf(numbers), np.nan, numbers), np.isinf(numbers)


def _number(text: str, form: ColumnFormat) -> float:
    if form.values == "boolean":
        text = {"true": "1", "false": "0"}.get(text.strip().lower(), text)
    return number(text, form)


def to_times(
    column: pd.Series, form: ColumnFormat = TIMES, *, may_be_empty: bool = False
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Seconds since 1970 and a mask of the cells that are no point in time; with `may_be_empty`
    an empty cell is none of these."""

    def read(names: Sequence[str]) -> npt.NDArray[np.float64]:
        if form.values == "number":
            return np.array([number(name, form) for name in names], dtype=np.float64)
        found = moments(names, form.order)
        filled = [name.strip().lower() not in MISSING_NUMBERS for name in names]
        return np.where(np.isnan(found) & np.array(filled, dtype=bool), np.inf, found)

    seconds = of_numbers(_of_each(column, read))
    bad = np.isinf(seconds) if may_be_empty else ~np.isfinite(seconds)
    return np.where(np.isinf(seconds), np.nan, seconds), bad


def _of_each(
    column: pd.Series, read: Callable[[Sequence[str]], Sequence[float] | npt.NDArray[np.float64]]
) -> npt.NDArray[np.float64]:
    """The number of every cell: a text's as it is read, that of a typed column its own."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        values = arrow(column)
        if is_number(values.type) or is_day(values.type) or pa.types.is_boolean(values.type):
            return floats(values)
    words = to_categories(column)
    names = words.cat.categories.tolist()
    of_name = np.append(np.asarray(read(names), dtype=np.float64), np.nan)
    return np.asarray(of_name[words.cat.codes.to_numpy()], dtype=np.float64)


def cell_values(cell: str, separator: str) -> list[str]:
    """The different values written in one multi-valued cell, in their order."""
    return list(dict.fromkeys(v for part in cell.split(separator) if (v := part.strip())))
