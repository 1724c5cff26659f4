"""Cells as categories, numbers and points in time."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

MISSING_NUMBERS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
EXACT_WHOLE_NUMBERS = 2.0**53
THOUSANDS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
TICKS_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
DAY_MONTH_YEAR = re.compile(r"\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4})\b")


def to_categories(column: pd.Series) -> pd.Series:
    """Any plain column as a categorical of strings; missing stays missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        if isinstance(column.cat.categories.dtype, pd.StringDtype):
            return column
        names = pd.Index([_as_text(value) for value in column.cat.categories], dtype="str")
        codes = column.cat.codes.to_numpy().astype(np.intp)
    else:
        codes, values = pd.factorize(column)
        if pd.api.types.is_float_dtype(values.dtype) and _are_whole(np.asarray(values)):
            values = values.astype(np.int64)  # a whole-number id that met a missing cell
        names = pd.Index([_as_text(value) for value in values], dtype="str")
    if not names.is_unique:
        codes, names = _merged(codes, names)
    categories = pd.Categorical.from_codes(codes, categories=names)
    return pd.Series(categories, index=column.index, name=column.name)


def _are_whole(values: npt.NDArray[np.floating]) -> bool:
    return bool(np.all((np.abs(values) < EXACT_WHOLE_NUMBERS) & (np.trunc(values) == values)))


def _merged(codes: npt.NDArray[np.intp], names: pd.Index) -> tuple[npt.NDArray[np.intp], pd.Index]:
    position, unique = pd.factorize(names)
    return np.append(position, -1)[codes], pd.Index(unique)


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def to_numbers(
    column: pd.Series, decimal: str = "."
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Numbers (NaN where missing) and a mask of the cells that are not finite numbers."""
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isinf(numbers), np.nan, numbers), np.isinf(numbers)
    words = to_categories(column)
    parsed = np.array([number(text, decimal) for text in words.cat.categories], dtype=np.float64)
    # inf marks what is no finite number, NaN what is missing; code -1 is a missing cell.
    numbers = np.append(parsed, np.nan)[words.cat.codes.to_numpy()]
    return np.where(np.isinf(numbers), np.nan, numbers), np.isinf(numbers)


def number(text: str, decimal: str) -> float:
    """The number a cell holds: NaN for words that mean missing, inf for anything else."""
    text = text.strip()
    if text.lower() in MISSING_NUMBERS:
        return np.nan
    if decimal == ",":
        if "." in text and not THOUSANDS.fullmatch(text):
            return np.inf  # 3.5 is no 35
        text = text.replace(".", "").replace(",", ".")
    try:
        parsed = float(text)
    except ValueError:
        return np.inf
    return parsed if np.isfinite(parsed) and "_" not in text else np.inf


def to_times(column: pd.Series) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Seconds since 1970 and a mask of the cells that are no point in time.

    12/03/2024 is read by month unless some date of the column can only be read by day;
    12.03.2024 is read by day.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _seconds(column), column.isna().to_numpy()
    numbers, bad = to_numbers(column)
    if not bad.any():
        return numbers, np.isnan(numbers)
    words = to_categories(column)
    texts = words.cat.categories.astype("str")
    parsed = pd.to_datetime(
        pd.Series(texts), errors="coerce", format="mixed", utc=True, dayfirst=_day_first(texts)
    )
    seconds = np.append(_seconds(parsed), np.nan)[words.cat.codes.to_numpy()]
    return seconds, np.isnan(seconds)


def _day_first(texts: pd.Index) -> bool:
    dates = [found for text in texts if (found := DAY_MONTH_YEAR.match(text))]
    return any(date[2] == "." or int(date[1]) > 12 for date in dates)


def _seconds(times: pd.Series) -> npt.NDArray[np.float64]:
    moments = pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy()
    # Not by subtraction: pandas does that in nanoseconds, which end in 2262.
    unit, count = np.datetime_data(moments.dtype)
    ticks = moments.view(np.int64).astype(np.float64) * count / TICKS_PER_SECOND[unit]
    return np.where(np.isnat(moments), np.nan, ticks)


def cell_values(cell: str, separator: str) -> list[str]:
    """The different values written in one multi-valued cell, in their order."""
    return list(dict.fromkeys(v for part in cell.split(separator) if (v := part.strip())))
