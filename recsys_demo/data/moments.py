"""Dates and points in time as people and programs write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.column_formats import Order

Seconds = npt.NDArray[np.float64]

# 31.12.2024, 12/31/24, 24-12-31, and whatever follows: the time of day.
IN_DIGITS = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?=$|[ ,T])")
PIVOT = 69  # POSIX: 69 to 99 are 1969 to 1999, 0 to 68 are 2000 to 2068
TICKS_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
# Numbers of this size and more count milli-, micro- and nanoseconds since 1970.
UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def moments(texts: Sequence[str], order: Order) -> Seconds:
    """Seconds since 1970 of each text, NaN where it is no point in time."""
    iso = pd.Series([_year_first(text.strip(), order) for text in texts], dtype="str")
    # Whole texts of digits are years or days to pandas; here they are seconds.
    parsed = pd.to_datetime(iso, errors="coerce", format="mixed", utc=True)
    return seconds(parsed)


def of_numbers(values: Seconds) -> Seconds:
    """Numbers as seconds since 1970; too large for seconds, they are parts of seconds."""
    size, scaled = np.abs(values), values.copy()
    for least, parts in UNITS:
        chosen = size >= least
        scaled[chosen] = values[chosen] / parts
        size = np.where(chosen, 0, size)
    return scaled


def possible_orders(first: int, second: int, third: int, digits: int) -> frozenset[Order]:
    """The orders in which three numbers are a date; `digits` are those of the first number."""
    if digits > 2:
        return frozenset({"ymd"}) if _is_day(third, second) else frozenset()
    orders: dict[Order, bool] = {
        "dmy": _is_day(first, second),
        "mdy": _is_day(second, first),
        "ymd": digits == 2 and third < 100 and _is_day(third, second),
    }
    return frozenset(order for order, possible in orders.items() if possible)


def _is_day(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def _year_first(text: str, order: Order) -> str:
    found = IN_DIGITS.match(text)
    if found is None:
        return text
    parts = dict(zip("ymd" if len(found[1]) > 2 else order, found.group(1, 3, 4), strict=True))
    if len(parts["m"]) > 2 or len(parts["d"]) > 2 or len(parts["y"]) not in (2, 4):
        return ""
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 1900 if year >= PIVOT else 2000
    rest = text[found.end() :].lstrip(", ")
    return f"{year:04}-{int(parts['m']):02}-{int(parts['d']):02} {rest}".strip()


def seconds(times: pd.Series) -> Seconds:
    """Seconds since 1970 of a column of points in time, those without a zone being UTC."""
    instants = pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy()
    # Not by subtraction: pandas does that in nanoseconds, which end in 2262.
    unit, count = np.datetime_data(instants.dtype)
    ticks = instants.view(np.int64).astype(np.float64) * count / TICKS_PER_SECOND[unit]
    return np.where(np.isnat(instants), np.nan, ticks)


def second_times(values: Seconds) -> pd.Series:
    """Seconds since 1970 as points in time, to the microsecond."""
    micro = np.where(np.isnan(values), np.nan, np.round(values * 1e6))
    return pd.Series(pd.to_datetime(micro, unit="us"))


def day_texts(times: pd.Series) -> list[str]:
    """Points in time as texts: 2024-12-31, and the time of day where it is not midnight."""
    instants = pd.to_datetime(times, utc=True).dt.tz_localize(None).to_numpy()
    texts = np.datetime_as_string(instants)
    return [_shortest(text) for text in texts.tolist()]


def _shortest(text: str) -> str:
    if text == "NaT":
        return ""
    day, _, clock = text.partition("T")
    clock = clock.rstrip("0").rstrip(".") if "." in clock else clock
    return day if clock in ("", "00:00:00", "00:00", "00") else f"{day} {clock}"
