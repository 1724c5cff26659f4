"""Rows and columns as they stand in a file, and the problems every kind of file can have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys_demo.errors import Problem, excerpt
from recsys_demo.limits import Limits

Names = Literal["stored", "given", "known", "missing"]
# Blanks of all kinds, and marks without a width that copying from pages and joining files leave.
_MARKS = "\ufeff\u200b\u200c\u200e\u200f\u2060"
INVISIBLE = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + _MARKS
LIST_SEPARATOR = "\x1f"  # the unit separator: no value of a list contains it


@dataclass(frozen=True)
class RawTable:
    """Rows and columns as they stand in a file.

    Columns of text are categoricals of strings without blanks around them, empty cells missing;
    other columns of a Parquet file keep their Arrow type, its lists of values (`list_columns`)
    being joined by `LIST_SEPARATOR`. `unreadable` names columns of the file that hold no plain
    values, with the reason. `first_line` is the line row 0 stands on, None where rows and lines do
    not run alike (Parquet, blank lines, cells with line ends). `notes` say what of the file had to
    be found out. `names` says where those of the columns come from: stored by the format of the
    file, given in its first line or by a person, known by the layout, or missing, and columns are
    numbered.
    """

    frame: pd.DataFrame
    name: str
    list_columns: frozenset[str] = frozenset()
    unreadable: dict[str, str] = field(default_factory=dict)
    first_line: int | None = 2
    notes: tuple[str, ...] = ()
    names: Names = "given"

    def place(self, row: int | None = None, column: str | None = None) -> str:
        """Where a value stands, in the file's own terms."""
        parts = [self.name]
        if row is not None:
            line = "" if self.first_line is None else f" (line {row + self.first_line})"
            parts.append(f"row {row}{line}")
        if column is not None:
            parts.append(f"column {excerpt(column)}")
        return ", ".join(parts)

    @property
    def has_names(self) -> bool:
        """Whether somebody has named the columns."""
        return self.names in ("stored", "given")

    def with_names(self, header: Sequence[str]) -> RawTable:
        """The same under the names that somebody gave its columns; as it is where it has names, or
        these do not fit."""
        if self.has_names or len(header) != len(self.frame.columns):
            return self
        return replace(self, frame=self.frame.set_axis(list(header), axis=1), names="given")


def text_column(column: pa.ChunkedArray) -> pd.Series:
    """Texts as a categorical, without blanks around them and in one form of Unicode, so that what
    reads alike is alike; an empty text is missing."""
    coded = column.cast(pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
    coded = coded.combine_chunks()
    names = pc.utf8_normalize(pc.utf8_trim(coded.dictionary, INVISIBLE), form="NFC")
    if not names.equals(coded.dictionary) or pc.any(pc.equal(names, "")).as_py():
        names = pc.if_else(pc.equal(names, ""), pa.scalar(None, pa.string()), names)
        renamed = names.dictionary_encode()
        codes = renamed.indices.take(coded.indices)
        coded = pa.DictionaryArray.from_arrays(codes, renamed.dictionary)
    return pd.Series(coded.to_pandas())


def long_cells(raw: RawTable, limits: Limits) -> list[Problem]:
    """Columns of text with a cell above the limit of characters, the longest of each."""
    problems = []
    for column in raw.frame.columns:
        values = raw.frame[column]
        if not isinstance(values.dtype, pd.CategoricalDtype) or not len(values.cat.categories):
            continue
        lengths = values.cat.categories.str.len().to_numpy()
        if lengths.max() > limits.cell_characters:
            code = int(lengths.argmax())
            row = int((values.cat.codes == code).to_numpy().argmax())
            problems.append(
                Problem(
                    what="a cell is longer than this lab allows",
                    where=raw.place(row, column),
                    got=excerpt(str(values.cat.categories[code])),
                    expected=f"at most {limits.cell_characters:,} characters",
                    remedy="Shorten the value, or look for a quote that is never closed.",
                )
            )
    return problems
