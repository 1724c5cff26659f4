"""Reading tables people bring: CSV, TSV (also gzipped) and Parquet, with every problem named.

Nothing is interpreted here beyond rows, columns and text: what a column means is the schema's
business (`interactions.py`).
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.limits import Limits

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
SNIFFED_BYTES = 65_536
SNIFFED_ROWS = 50
LIST_SEPARATOR = "\x1f"  # the unit separator: no value of a list contains it


@dataclass(frozen=True)
class RawTable:
    """Rows and columns as they stand in a file.

    Columns of a text file are categoricals of strings with empty cells missing; columns of a
    Parquet file keep their type, its lists of values (`list_columns`) being joined by
    `LIST_SEPARATOR`. `unreadable` names columns of the file that hold no plain values, with the
    reason.
    """

    frame: pd.DataFrame
    name: str
    is_text: bool = True
    list_columns: frozenset[str] = frozenset()
    unreadable: dict[str, str] = field(default_factory=dict)

    def place(self, row: int | None = None, column: str | None = None) -> str:
        """Where a value stands, in the file's own terms."""
        parts = [self.name]
        if row is not None:
            parts.append(f"row {row} (line {row + 2})" if self.is_text else f"row {row}")
        if column is not None:
            parts.append(f"column {shown(column)}")
        return ", ".join(parts)


def read_table(path: Path, limits: Limits | None = None, name: str | None = None) -> RawTable:
    """Read a CSV, TSV or Parquet file. Raises InputError with every problem of the file."""
    limits = limits or Limits.from_environment()
    name = name or path.name
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise OSError("it is a folder")
        if size > limits.file_bytes:
            raise InputError(_too_large(name, "file", size, limits.file_bytes))
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            Problem(
                what="the file cannot be read",
                where=str(path),
                got=error.strerror or str(error),
                expected="a readable CSV, TSV or Parquet file",
                remedy="Check the path and its permissions.",
            )
        ) from None
    return read_bytes(content, name, limits)


def read_bytes(content: bytes, name: str, limits: Limits | None = None) -> RawTable:
    """`read_table` for content already in memory (an upload)."""
    limits = limits or Limits.from_environment()
    if content[:2] == b"\x1f\x8b":
        content = _gunzipped(content, name, limits)
    if not content.strip():
        raise InputError(
            Problem(
                what="the file is empty",
                where=name,
                got=f"{len(content)} bytes, nothing but blanks",
                expected="a line of column names and one line per impression",
                remedy="Export the table again.",
            )
        )
    if content[:4] == b"PAR1":
        return _read_parquet(content, name, limits)
    return _read_text(content, name, limits)


def _too_large(name: str, what: str, size: int, limit: int) -> Problem:
    return Problem(
        what=f"the {what} is larger than this lab takes",
        where=name,
        got=f"{size:,} bytes",
        expected=f"at most {limit:,} bytes",
        remedy="Take a sample of the rows, or raise the limit (README, Limits).",
    )


def _gunzipped(content: bytes, name: str, limits: Limits) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            unpacked = stream.read(limits.unpacked_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            Problem(
                what="the gzip archive is damaged",
                where=name,
                got=str(error),
                expected="a whole .gz file",
                remedy="Copy or download the file again.",
            )
        ) from None
    if len(unpacked) > limits.unpacked_bytes:
        raise InputError(_too_large(name, "unpacked file", len(unpacked), limits.unpacked_bytes))
    return unpacked


# --- text ---------------------------------------------------------------------------------------


def _read_text(content: bytes, name: str, limits: Limits) -> RawTable:
    content = _as_utf8(content, name)
    head = _head(content)
    delimiter = _delimiter(head)
    header = _header(head, delimiter, name, limits)
    table, ragged, n_ragged = _parse(content, delimiter, header, name)
    problems = [_ragged_problem(name, row) for row in ragged]
    if n_ragged > len(ragged):
        problems.append(
            Problem(
                what="more rows have the wrong number of cells",
                where=name,
                got=f"{n_ragged - len(ragged):,} more such rows",
                expected=f"{len(header)} cells in every row",
                remedy="Quote cells that contain the separator.",
            )
        )
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
        problems.append(_too_many_rows(name, table.num_rows, limits.rows))
    frame = table.to_pandas() if not problems else pd.DataFrame(columns=header)
    raw = RawTable(frame, name)
    problems += _long_cells(raw, limits)
    if problems:
        raise InputError(problems)
    return raw


def _as_utf8(content: bytes, name: str) -> bytes:
    if content[:3] == b"\xef\xbb\xbf":
        content = content[3:]
    elif content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16").encode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(_encoding_problem(name, content, error.start, "UTF-16")) from None
    if b"\x00" in content[:SNIFFED_BYTES]:
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


def _head(content: bytes) -> str:
    head = content[:SNIFFED_BYTES]
    if len(content) > SNIFFED_BYTES:
        # Never judge by half a line, but a first line longer than the window stays as it is.
        head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8", errors="ignore")


def _delimiter(head: str) -> str:
    """The separator that splits the first rows into the same number of cells, and into the most."""

    def score(delimiter: str) -> tuple[float, int]:
        rows = [row for row in _parsed_head(head, delimiter) if row]
        widths = Counter(len(row) for row in rows)
        if not rows or max(widths) < 2:
            return (0.0, 0)
        width, agreeing = widths.most_common(1)[0]
        if width < 2:
            return (0.0, 0)
        return (agreeing / len(rows), width)

    return max(DELIMITERS, key=score)


def _parsed_head(head: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(head), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= SNIFFED_ROWS:
                break
    except csv.Error:
        pass  # what was readable decides; the real parser reports the rest
    return rows


def _header(head: str, delimiter: str, name: str, limits: Limits) -> list[str]:
    rows = _parsed_head(head, delimiter)
    header = [cell.strip() for cell in rows[0]] if rows else []
    problems = []
    if len(header) > limits.columns:
        raise InputError(_too_many_columns(name, len(header), limits.columns))
    for index, column in enumerate(header):
        if not column:
            problems.append(
                Problem(
                    what="a column has no name",
                    where=f"{name}, line 1, column {index + 1}",
                    got="an empty cell",
                    expected="a name for every column",
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
    if header and all(_is_number(column) for column in header):
        problems.append(
            Problem(
                what="the first line holds numbers instead of column names",
                where=f"{name}, line 1",
                got=", ".join(map(shown, header[:6])),
                expected="a line of column names",
                remedy="Add a first line with the names of the columns.",
            )
        )
    if problems:
        raise InputError(problems)
    return header


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parse(
    content: bytes, delimiter: str, header: list[str], name: str
) -> tuple[pa.Table, list[pa_csv.InvalidRow], int]:
    ragged: list[pa_csv.InvalidRow] = []
    n_ragged = 0

    def keep(row: pa_csv.InvalidRow) -> str:
        nonlocal n_ragged
        n_ragged += 1
        if len(ragged) < 50:
            ragged.append(row)
        return "skip"

    text = pa.dictionary(pa.int32(), pa.string())
    try:
        table = pa_csv.read_csv(
            io.BytesIO(content),
            # Without threads, or the rows a handler is told of have no numbers.
            read_options=pa_csv.ReadOptions(
                column_names=header,
                skip_rows=0,
                skip_rows_after_names=1,
                use_threads=False,
                block_size=max(1 << 22, min(len(content), 1 << 24)),
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
    except pa.ArrowInvalid as error:
        raise InputError(
            Problem(
                what="the file cannot be split into rows and cells",
                where=name,
                got=str(error).splitlines()[0][:200],
                expected=f"cells separated by a {DELIMITER_NAMES[delimiter]}, quotes closed",
                remedy="Look for a quote that is opened and never closed.",
            )
        ) from None
    return table.unify_dictionaries(), ragged, n_ragged


def _ragged_problem(name: str, row: pa_csv.InvalidRow) -> Problem:
    place = f"{name}, line {row.number}" if row.number is not None else name
    return Problem(
        what="the row has the wrong number of cells",
        where=place,
        got=f"{row.actual_columns} cells: {shown(row.text)}",
        expected=f"{row.expected_columns} cells, as in the header",
        remedy="Quote cells that contain the separator.",
    )


def _too_many_rows(name: str, rows: int, limit: int) -> Problem:
    return Problem(
        what="the table has more rows than this lab takes",
        where=name,
        got=f"{rows:,} rows",
        expected=f"at most {limit:,}",
        remedy="Take a sample of the rows, or raise the limit (README, Limits).",
    )


def _too_many_columns(name: str, columns: int, limit: int) -> Problem:
    return Problem(
        what="the table has more columns than this lab takes",
        where=name,
        got=f"{columns:,} columns",
        expected=f"at most {limit:,}",
        remedy="Keep the columns you want to use as fields.",
    )


def _long_cells(raw: RawTable, limits: Limits) -> list[Problem]:
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
                    what="a cell is longer than this lab takes",
                    where=raw.place(row, column),
                    got=shown(str(values.cat.categories[code])),
                    expected=f"at most {limits.cell_characters:,} characters",
                    remedy="Shorten the value, or look for a quote that is never closed.",
                )
            )
    return problems


# --- Parquet ------------------------------------------------------------------------------------


def _read_parquet(content: bytes, name: str, limits: Limits) -> RawTable:
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        if file.metadata.num_rows > limits.rows:
            raise InputError(_too_many_rows(name, file.metadata.num_rows, limits.rows))
        if len(file.schema_arrow) > limits.columns:
            raise InputError(_too_many_columns(name, len(file.schema_arrow), limits.columns))
        _check_parquet_size(file, name, limits)
        plain, unreadable = _readable_columns(file.schema_arrow)
        table = file.read(columns=plain)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            Problem(
                what="the Parquet file cannot be read",
                where=name,
                got=str(error).splitlines()[0][:200],
                expected="a whole Parquet file",
                remedy="Write or copy the file again.",
            )
        ) from None
    if table.num_rows == 0:
        raise InputError(
            Problem(
                what="the Parquet file has no rows",
                where=name,
                got=f"{len(plain)} columns, 0 rows",
                expected="one row per impression",
                remedy="Export the table again.",
            )
        )
    frame = pd.DataFrame({column: _parquet_column(table[column]) for column in plain})
    lists = frozenset(column for column in plain if _is_list(table[column].type))
    raw = RawTable(frame, name, is_text=False, list_columns=lists, unreadable=unreadable)
    if problems := _long_cells(raw, limits):
        raise InputError(problems)
    return raw


def _check_parquet_size(file: pq.ParquetFile, name: str, limits: Limits) -> None:
    groups = (file.metadata.row_group(i) for i in range(file.metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    if size > limits.unpacked_bytes:
        raise InputError(_too_large(name, "unpacked file", size, limits.unpacked_bytes))


def _readable_columns(schema: pa.Schema) -> tuple[list[str], dict[str, str]]:
    plain: list[str] = []
    unreadable: dict[str, str] = {}
    for column in schema:
        kind = column.type
        values = kind.value_type if pa.types.is_dictionary(kind) or _is_list(kind) else kind
        nested = pa.types.is_nested(values) or pa.types.is_binary(values)
        if schema.names.count(column.name) > 1:
            unreadable[column.name] = "two columns have this name"
        elif nested or pa.types.is_large_binary(values):
            unreadable[column.name] = f"its type is {kind}, not plain values or lists of them"
        else:
            plain.append(column.name)
    return plain, unreadable


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _parquet_column(column: pa.ChunkedArray) -> pd.Series:
    """Text and lists as categoricals of strings, numbers, dates and booleans as they are."""
    kind = column.type
    if _is_list(kind):
        joined = [
            None if cell is None else LIST_SEPARATOR.join(map(str, cell))
            for cell in column.to_pylist()
        ]
        column = pa.chunked_array([pa.array(joined, pa.string())])
        kind = column.type
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind):
        if not pa.types.is_dictionary(kind):
            column = column.dictionary_encode()
        text = column.cast(pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
        return pd.Series(text.to_pandas())
    return pd.Series(column.to_pandas())
