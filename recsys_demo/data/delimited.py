"""CSV and TSV as tables: encoding, separator, header, and rows that do not fit."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from recsys_demo.data.encodings import as_utf8
from recsys_demo.data.headers import (
    AFTER_LAST,
    Head,
    first_lines,
    has_double_colons,
    head_of,
)
from recsys_demo.data.libffm import is_libffm, read_libffm
from recsys_demo.data.quotes import open_quote, swallowed_rows
from recsys_demo.data.tables import RawTable, long_cells, text_column
from recsys_demo.data.titles import above_note, title_lines
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import Limits, too_large, too_many_rows

NAMED_ROWS = 10
MOST_RAGGED = 100  # so many rows that do not fit are enough to refuse a file
BLOCK_BYTES = (1 << 22, 1 << 24)
BYTES_PER_CELL = 4
SEPARATOR_LINE = re.compile(rb"(?:\xef\xbb\xbf)?sep=(.)\r?\n", re.IGNORECASE)  # Excel's
END_OF_FILE = b"\x1a"  # of DOS
DOUBLE, SINGLE = b"::", b"\x1f"  # Arrow cuts by one character


def read_text(content: bytes, name: str, limits: Limits, header: Sequence[str] = ()) -> RawTable:
    """A table in CSV, TSV or the like; `header` names the columns of one whose first line is a row.
    Raises InputError with every problem of the text."""
    content, note = as_utf8(content, name)
    content, before, delimiter = _without_first_lines(content)
    text = first_lines(content)
    if delimiter is None and SINGLE not in content and has_double_colons(text):
        content, delimiter = content.replace(DOUBLE, SINGLE), SINGLE.decode()
        text = first_lines(content)
    titles = title_lines(text) if delimiter is None else []
    if titles:
        content = content[sum(len(line.encode()) for line in titles) :]
        before, text = before + len(titles), first_lines(content)
    if is_libffm(text):
        return read_libffm(content, name, limits, header)
    head = head_of(text, name, limits, delimiter, header)
    _check_size(content, head, name, limits)
    table, ragged = _parse(content, head, name)
    lines = content.count(b"\n") or content.count(b"\r")
    plain_lines = lines == table.num_rows + len(ragged) + head.has_names
    first_line = before + 1 + head.has_names if plain_lines else None
    problems = _ragged_problems(name, head, ragged, first_line)
    if table.num_rows == 0 and not problems:
        problems.append(_no_rows(name, head.names))
    if table.num_rows > limits.rows:
        problems.append(too_many_rows(name, table.num_rows, limits.rows))
    if not plain_lines:
        swallowed = swallowed_rows(content, head.delimiter, len(head.names), name, before)
        problems = swallowed or problems
    if problems:
        raise InputError(problems)
    columns = {n: text_column(table[n]) for n in table.column_names}
    if AFTER_LAST in columns and columns.pop(AFTER_LAST).notna().any():
        raise InputError(_nameless(name, len(head.names)))
    above = above_note(name, titles)
    notes = tuple(told for told in (note, above, head.note) if told is not None)
    raw = _without_repeated_names(
        RawTable(
            pd.DataFrame(columns, copy=False),
            name,
            first_line=first_line,
            notes=notes,
            names="given" if head.has_names or header else "known" if head.note else "missing",
        )
    )
    if problems := [*open_quote(content, raw), *long_cells(raw, limits)]:
        raise InputError(problems)
    return raw


def _without_first_lines(content: bytes) -> tuple[bytes, int, str | None]:
    """The text from its first row on, how many lines that leaves out, and the separator that one of
    them names (sep=;)."""
    content, before = _without_blank_ends(content)
    found = SEPARATOR_LINE.match(content)
    if found is None:
        return content, before, None
    content, blank = _without_blank_ends(content[found.end() :])
    return content, before + 1 + blank, found[1].decode("latin-1")


def _without_repeated_names(raw: RawTable) -> RawTable:
    """The table without rows that are its line of names once more."""
    columns = {str(name): raw.frame[name] for name in raw.frame}
    if not all(name in column.cat.categories for name, column in columns.items()):
        return raw
    again = np.logical_and.reduce([(c == name).to_numpy() for name, c in columns.items()])
    if not again.any():
        return raw
    told = f"Rows of {raw.name} that repeat its line of names are left out: {int(again.sum()):,}."
    frame = raw.frame[~again].reset_index(drop=True)
    return replace(raw, frame=frame, first_line=None, notes=(*raw.notes, told))


def _check_size(content: bytes, head: Head, name: str, limits: Limits) -> None:
    """Refuse more rows or cells than are allowed before they take memory."""
    rows = content.count(b"\n") - content.count(b"\n\n") - content.count(b"\n\r\n")
    if b'"' in content and rows > limits.rows:
        rows = sum(part.count(b"\n") for part in content.split(b'"')[::2])
    if rows - head.has_names > limits.rows:
        raise InputError(too_many_rows(name, rows - head.has_names, limits.rows))
    size = rows * len(head.names) * BYTES_PER_CELL
    if size > limits.unpacked_bytes:
        raise InputError(too_large(name, "table in memory", size, limits.unpacked_bytes))


def _no_rows(name: str, names: list[str]) -> Problem:
    return Problem(
        what="the file has a header but no rows",
        where=name,
        got=f"only the column names {', '.join(map(excerpt, names[:6]))}",
        expected="one line per impression under the header",
        remedy="Export the table again.",
    )


def _nameless(name: str, column: int) -> Problem:
    return Problem(
        what="a column has no name",
        where=f"{name}, line 1, column {column}",
        got="an empty cell above a column with values",
        expected="a name",
        remedy="Name the column or delete it.",
    )


def _without_blank_ends(content: bytes) -> tuple[bytes, int]:
    """The text with one line end after its last row, and the number of blank lines before it."""
    content = content.rstrip(END_OF_FILE)
    stripped = content.lstrip(b"\r\n")
    removed = content[: len(content) - len(stripped)]
    blank_lines = removed.count(b"\n") or removed.count(b"\r")
    if not stripped.endswith(b"\n") or stripped.endswith((b"\n\n", b"\r\n")):
        end = b"\n" if b"\n" in stripped or b"\r" not in stripped else b"\r"
        stripped = stripped.rstrip(b"\r\n") + end
    return stripped, blank_lines


def _parse(content: bytes, head: Head, name: str) -> tuple[pa.Table, list[tuple[int, int, str]]]:
    """The rows, and of each row with too few or too many cells its number, cells and text."""
    ragged: list[tuple[int, int, str]] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        ragged.append(
            (row.number, row.actual_columns, row.text if len(ragged) < NAMED_ROWS else "")
        )
        return "skip" if len(ragged) < MOST_RAGGED else "error"

    text = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pa_csv.read_csv(
            io.BytesIO(content),
            # Without threads, or the rows a handler is told of have no numbers.
            read_options=pa_csv.ReadOptions(
                column_names=head.names,
                skip_rows_after_names=int(head.has_names),
                use_threads=False,
                block_size=max(BLOCK_BYTES[0], min(len(content), BLOCK_BYTES[1])),
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=head.delimiter, newlines_in_values=True, invalid_row_handler=keep
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(head.names, text),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (pa.ArrowException, ValueError) as error:
        if len(ragged) >= MOST_RAGGED:
            raise InputError(_ragged_problems(name, head, ragged, None)) from None
        raise InputError.of(
            what="the file cannot be split into rows and cells",
            where=name,
            got=str(error).splitlines()[0][:200],
            expected=f"cells between {excerpt(head.delimiter)}, quotes closed",
            remedy="Look for a quote that is opened and never closed.",
        ) from None
    return table, ragged


def _ragged_problems(
    name: str, head: Head, ragged: list[tuple[int, int, str]], first_line: int | None
) -> list[Problem]:
    problems = []
    for number, cells, text in ragged[:NAMED_ROWS]:
        row = number - 1 - head.has_names  # arrow counts from 1 and counts the header
        place = f"row {row}" if first_line is None else f"row {row} (line {row + first_line})"
        problems.append(
            Problem(
                what="the row has the wrong number of cells",
                where=f"{name}, {place}",
                got=f"{cells} cells: {excerpt(text)}",
                expected=f"{len(head.names)} cells, as in the first line",
                remedy="Quote cells that contain the separator.",
            )
        )
    if len(ragged) > NAMED_ROWS:
        problems.append(
            Problem(
                what="more rows have the wrong number of cells",
                where=name,
                got=f"{len(ragged) - NAMED_ROWS:,} more such rows"
                + (" up to there" if len(ragged) >= MOST_RAGGED else ""),
                expected=f"{len(head.names)} cells in every row",
                remedy="Quote cells that contain the separator.",
            )
        )
    return problems
