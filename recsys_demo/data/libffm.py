"""libffm's rows, a label and `field:feature:value` for each field, as a table with a column each.

The format is that of https://github.com/ycjuan/libffm. Fields are numbers: names are lost in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import Limits, too_many_columns, too_many_rows

# A first line such as "1 0:12:1 1:7:0.5".
ROW = re.compile(r"[+-]?\d[\d.]*+(?: \d++:\d++:[^\s:]++)++ *+")
CELL = r"^(?P<field>\d{1,9}):(?P<feature>\d+):(?P<value>[^:]+)$"
Kind = Literal["names", "weighted", "values"]
LABEL = "label"
SEPARATOR = "|"
ONE = frozenset({"1", "1.0"})


def is_libffm(text: str) -> bool:
    """Whether a text begins as libffm's files do."""
    return ROW.fullmatch(text.split("\n", 1)[0].rstrip("\r")) is not None


def read_libffm(content: bytes, name: str, limits: Limits, header: Sequence[str] = ()) -> RawTable:
    """The table: features of the value 1 are names, several in a row between bars; a field of one
    feature holds its values. Raises InputError."""
    lines = pa.array(content.decode().splitlines(), pa.string())
    if len(lines) > limits.rows:
        raise InputError(too_many_rows(name, len(lines), limits.rows))
    parts = pc.utf8_split_whitespace(lines)
    lengths = pc.list_value_length(parts).to_numpy()
    flat, row = parts.flatten(), np.repeat(np.arange(len(lines)), lengths)
    is_label = np.zeros(len(flat), dtype=bool)
    is_label[np.cumsum(lengths) - lengths] = True
    cells = pc.extract_regex(flat.filter(pa.array(~is_label)), CELL)
    row = row[~is_label]
    if cells.null_count:
        raise InputError(_odd_cell(name, int(row[np.asarray(cells.is_null()).argmax()]), lines))
    field = cells.field("field").cast(pa.int64()).to_numpy()
    numbers = np.unique(field)
    if len(numbers) >= limits.columns:
        raise InputError(too_many_columns(name, len(numbers) + 1, limits.columns))
    columns, notes = {LABEL: pd.Series(flat.filter(pa.array(is_label)).to_pandas())}, []
    for number in numbers.tolist():
        chosen = field == number
        of_field = cells.filter(pa.array(chosen))
        texts, kind = _column(of_field, row[chosen], len(lines))
        columns[f"{'value' if kind == 'values' else 'code'}_{number}"] = texts
        if kind == "weighted":
            notes.append(f"Field {number} of {name}: values beside its features are left out.")
    told = "code_N holds the features of field N, value_N the numbers of one with a single feature."
    notes = [f"{name} is libffm, read as a label and {len(numbers)} fields: {told}", *notes]
    frame = pd.DataFrame({n: c.astype("category") for n, c in columns.items()}, copy=False)
    raw = RawTable(frame, name, first_line=1, notes=tuple(notes), names="known")
    if header and len(header) != len(frame.columns):
        raise InputError(_other_width(name, header, len(frame.columns)))
    return raw.with_names(header)


def _column(cells: pa.StructArray, row: npt.NDArray[np.int64], rows: int) -> tuple[pd.Series, Kind]:
    """The cells of one field, and what they are: names, names whose values other than 1 had to be
    left out, or values."""
    features = cells.field("feature").to_pandas()
    values = cells.field("value").to_pandas()
    kind: Kind = "names" if set(values.unique()) <= ONE else "weighted"
    if kind == "weighted" and features.nunique() == 1 and len(np.unique(row)) == len(row):
        features, kind = values, "values"
    features.index = pd.Index(row)
    if not features.index.is_unique:
        features = features.groupby(level=0, sort=False).agg(SEPARATOR.join)
    return features.reindex(range(rows)), kind


def _odd_cell(name: str, row: int, lines: pa.StringArray) -> Problem:
    return Problem(
        what="the row is not libffm's as the first one is",
        where=f"{name}, row {row} (line {row + 1})",
        got=excerpt(lines[row].as_py()),
        expected="a label and field:feature:value, with whole numbers for field and feature",
        remedy="Correct or delete the row.",
    )


def _other_width(name: str, header: Sequence[str], columns: int) -> Problem:
    return Problem(
        what="there are not as many names as columns",
        where=name,
        got=f"{len(header)} names ({', '.join(map(excerpt, header[:6]))}) for {columns} columns",
        expected="a name for the label and for every field, by number",
        remedy="Correct the names of the columns (header in the schema).",
    )
