"""CSV and TSV as tables: encoding, separator, header, and rows that do not fit."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from recsys_demo.data.tables import (
    RawTable,
    long_cells,
    text_column,
    too_many_columns,
    too_many_rows,
)
from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.limits import Limits

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SNIFFED_BYTES = 65_536
SNIFFED_ROWS = 50
NAMED_ROWS = 10
BLOCK_BYTES = (1 << 22, 1 << 24)


def read_text(content: bytes, name: str, limits: Limits) -> RawTable:
    """A table in CSV, TSV or the like. Raises InputError with every problem of the text."""
    content, blank_lines = _without_blank_ends(_as_utf8(content, name))
    head = _head(content)
    delimiter = _delimiter(head)
    header = _header(head, delimiter, name, limits)
    table, ragged = _parse(content, delimiter, header, name)
    lines = content.count(b"\n") or content.count(b"\r")
    plain_lines = lines == table.num_rows + len(ragged) + 1
    first_line = 2 + blank_lines if plain_lines else None
    problems = _ragged_problems(name, header, ragged, first_line)
    if table.num_rows == 0 and not problems:
        problems.append(
            Problem(
                what="the file has a header but no rows",
                where=name,
                got=f"only the column names {', '.join(map(shown, header[:6]))}",
                expected="one line per impression under the header",
                remedy="Export the table again.",
            )
        )
    if table.num_rows > limits.rows:
        problems.append(too_many_rows(name, table.num_rows, limits.rows))
    if problems:
        raise InputError(problems)
    columns = {column: text_column(table[column]) for column in table.column_names}
    raw = RawTable(pd.DataFrame(columns, copy=False), name, first_line=first_line)
    if problems := [*_open_quote(content, raw), *long_cells(raw, limits)]:
        raise InputError(problems)
    return raw


def _as_utf8(content: bytes, name: str) -> bytes:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            content = content.decode("utf-16").encode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(_encoding_problem(name, content, error.start, "UTF-16")) from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in content:
        raise InputError(
            Problem(
                what="this is not a text file",
                where=name,
                got=f"zero bytes; it begins with {shown(repr(content[:8]))}",
                expected="CSV or TSV in UTF-8, or Parquet",
                remedy="Export the table as CSV or Parquet; renaming a file does not convert it.",
            )
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(_encoding_problem(name, content, error.start, "UTF-8")) from None
    return content


def _encoding_problem(name: str, content: bytes, at: int, encoding: str) -> Problem:
    line = content.count(b"\n", 0, at) + 1
    around = content[max(0, at - 12) : at + 12].decode("cp1252", errors="replace")
    return Problem(
        what=f"the text is not {encoding}",
        where=f"{name}, line {line}, byte {at:,}",
        got=f"byte 0x{content[at]:02x} near {shown(around)}",
        expected="text in UTF-8",
        remedy="Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
    )


def _without_blank_ends(content: bytes) -> tuple[bytes, int]:
    """The text with one line end after its last row, and the number of blank lines before it."""
    stripped = content.lstrip(b"\r\n")
    removed = content[: len(content) - len(stripped)]
    blank_lines = removed.count(b"\n") or removed.count(b"\r")
    if not stripped.endswith(b"\n") or stripped.endswith((b"\n\n", b"\r\n")):
        end = b"\n" if b"\n" in stripped or b"\r" not in stripped else b"\r"
        stripped = stripped.rstrip(b"\r\n") + end
    return stripped, blank_lines


def _head(content: bytes) -> str:
    head = content[:SNIFFED_BYTES]
    if len(content) > SNIFFED_BYTES:
        # Never judge by half a line, but a first line longer than the window stays as it is.
        head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8", errors="ignore")


def _delimiter(head: str) -> str:
    """The separator that cuts the most of the first rows like the header, and that into most."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in _parsed_head(head, delimiter) if row]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (widths.count(widths[0]) / len(widths), widths[0])

    return max(DELIMITERS, key=score)


def _parsed_head(head: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= SNIFFED_ROWS:
                break
    except csv.Error:
        pass  # what was readable decides; the real parser reports the rest
    return rows


def _header(head: str, delimiter: str, name: str, limits: Limits) -> list[str]:
    rows = _parsed_head(head, delimiter)
    header = [cell.strip() for cell in rows[0]] if rows else []
    if len(header) > limits.columns:
        raise InputError(too_many_columns(name, len(header), limits.columns))
    if "\n" not in head and "\r" not in head:
        raise InputError(_endless_header(name, head))
    if len(header) > 1 and not header[0]:
        header[0] = "column_1"  # the row numbers that data frames write have no name
    if problems := _header_problems(header, name, limits):
        raise InputError(problems)
    return header


def _endless_header(name: str, head: str) -> Problem:
    return Problem(
        what="the line of column names is too long",
        where=f"{name}, line 1",
        got=shown(head),
        expected=f"at most {SNIFFED_BYTES:,} bytes",
        remedy="Check that the file is a table with one line per row.",
    )


def _header_problems(header: list[str], name: str, limits: Limits) -> list[Problem]:
    problems = []
    for index, column in enumerate(header):
        if column and len(column) <= limits.cell_characters:
            continue
        problems.append(
            Problem(
                what="a column name is too long" if column else "a column has no name",
                where=f"{name}, line 1, column {index + 1}",
                got=shown(column) if column else "an empty cell",
                expected=f"a name of at most {limits.cell_characters:,} characters",
                remedy="Name the column or delete it.",
            )
        )
    for column, count in Counter(header).items():
        if column and count > 1:
            problems.append(
                Problem(
                    what="two columns have the same name",
                    where=f"{name}, line 1",
                    got=f"{shown(column)} {count} times",
                    expected="different names",
                    remedy="Rename or delete one of them.",
                )
            )
    if not header or all(_is_number(column) for column in header):
        problems.append(
            Problem(
                what="the first line holds numbers instead of column names",
                where=f"{name}, line 1",
                got=", ".join(map(shown, header[:6])) or "no cells",
                expected="a line of column names",
                remedy="Add a first line with the names of the columns.",
            )
        )
    return problems


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _parse(
    content: bytes, delimiter: str, header: list[str], name: str
) -> tuple[pa.Table, list[tuple[int, int, str]]]:
    """The rows, and of each row with too few or too many cells its number, cells and text."""
    ragged: list[tuple[int, int, str]] = []

    def keep(row: pa_csv.InvalidRow) -> str:
        ragged.append(
            (row.number, row.actual_columns, row.text if len(ragged) < NAMED_ROWS else "")
        )
        return "skip"

    text = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pa_csv.read_csv(
            io.BytesIO(content),
            # Without threads, or the rows a handler is told of have no numbers.
            read_options=pa_csv.ReadOptions(
                column_names=header,
                skip_rows_after_names=1,
                use_threads=False,
                block_size=max(BLOCK_BYTES[0], min(len(content), BLOCK_BYTES[1])),
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=keep
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, text),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (pa.ArrowException, ValueError) as error:
        raise InputError(
            Problem(
                what="the file cannot be split into rows and cells",
                where=name,
                got=str(error).splitlines()[0][:200],
                expected=f"cells separated by a {DELIMITER_NAMES[delimiter]}, quotes closed",
                remedy="Look for a quote that is opened and never closed.",
            )
        ) from None
    return table, ragged


def _ragged_problems(
    name: str, header: list[str], ragged: list[tuple[int, int, str]], first_line: int | None
) -> list[Problem]:
    problems = []
    for number, cells, text in ragged[:NAMED_ROWS]:
        row = number - 2  # arrow counts from 1 and counts the header
        place = f"row {row}" if first_line is None else f"row {row} (line {row + first_line})"
        problems.append(
            Problem(
                what="the row has the wrong number of cells",
                where=f"{name}, {place}",
                got=f"{cells} cells: {shown(text)}",
                expected=f"{len(header)} cells, as in the header",
                remedy="Quote cells that contain the separator.",
            )
        )
    if len(ragged) > NAMED_ROWS:
        problems.append(
            Problem(
                what="more rows have the wrong number of cells",
                where=name,
                got=f"{len(ragged) - NAMED_ROWS:,} more such rows",
                expected=f"{len(header)} cells in every row",
                remedy="Quote cells that contain the separator.",
            )
        )
    return problems


def _open_quote(content: bytes, raw: RawTable) -> list[Problem]:
    """A quote that is opened and never closed makes one cell of the rest of the file."""
    if content.count(b'"') % 2 == 0:
        return []
    last = len(raw.frame) - 1
    for column in raw.frame.columns:
        cell = raw.frame[column].iloc[last]
        if not pd.isna(cell) and ("\n" in cell or "\r" in cell):
            return [
                Problem(
                    what="a quote is opened and never closed",
                    where=raw.place(last, column),
                    got=shown(cell),
                    expected="quotes in pairs",
                    remedy='Close the quote, or write a quote inside a cell as "".',
                )
            ]
    return []
