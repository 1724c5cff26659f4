"""Columns of any type by way of Arrow, which knows what its types mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys_demo.data.column_formats import PLAIN_NUMBER
from recsys_demo.data.moments import day_texts, seconds
from recsys_demo.data.numbers import number_text


def arrow(column: pd.Series) -> pa.ChunkedArray:
    """A column as Arrow has it; NaN is missing, values of different types become text."""
    if isinstance(column.dtype, pd.ArrowDtype):
        made = pa.chunked_array(column.array.__arrow_array__())
    else:
        try:
            made = pa.chunked_array([pa.array(column, from_pandas=True)])
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            texts = [None if pd.isna(value) else str(value) for value in column]
            made = pa.chunked_array([pa.array(texts, pa.string())])
    if pa.types.is_null(made.type):
        made = made.cast(pa.string())
    if pa.types.is_floating(made.type):
        made = pc.if_else(pc.is_nan(made), pa.scalar(None, made.type), made)
    return made


def is_number(kind: pa.DataType) -> bool:
    """Integers, floats and decimals."""
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def is_day(kind: pa.DataType) -> bool:
    """Dates and points in time."""
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


def texts(values: pa.Array) -> list[str]:
    """One text per value, whatever stands beside it; the empty text where it is missing.

    Numbers are as short as they can be: 1.0 is 1, in every type.
    """
    kind = values.type
    if is_day(kind):
        return day_texts(_days(values))
    if pa.types.is_float16(kind):
        values = _widened(values)
    cast = values.cast(pa.string())
    if pa.types.is_time(kind):
        cast = pc.replace_substring_regex(cast, r"\.?0+$", "")
    written = ["" if text is None else text for text in cast.to_pylist()]
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return [number_text(text, PLAIN_NUMBER) for text in written]
    return written


def floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Numbers, booleans and days as float64, NaN where missing.

    A narrow float or a decimal is the number that its shortest text says, so that .1 is the same
    number in every type.
    """
    kind = column.type
    if is_day(kind):
        return seconds(_days(column.combine_chunks()))
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif pa.types.is_decimal(kind) or pa.types.is_float16(kind) or pa.types.is_float32(kind):
        coded = column.combine_chunks().dictionary_encode()
        wide = pa.array([float(t) if t else None for t in texts(coded.dictionary)], pa.float64())
        column = pa.chunked_array([wide.take(coded.indices)])
    numbers = column.cast(pa.float64(), safe=False).to_numpy()
    return np.asarray(numbers, dtype=np.float64)


def _widened(values: pa.Array) -> pa.Array:
    """Half floats, of which Arrow writes more digits than they have."""
    halves = values.to_numpy(zero_copy_only=False)
    return pa.array([float(str(half)) for half in halves], pa.float64(), from_pandas=True)


def _days(values: pa.Array) -> pd.Series:
    if not pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("s"))
    days: pd.Series = values.to_pandas()
    return days
