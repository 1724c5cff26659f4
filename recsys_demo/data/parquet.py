"""Parquet files as tables."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recsys_demo.data.arrow_values import texts
from recsys_demo.data.cell_lists import cell_of
from recsys_demo.data.files import open_file
from recsys_demo.data.parquet_values import count_values
from recsys_demo.data.tables import RawTable, long_cells, text_column
from recsys_demo.errors import InputError, Problem
from recsys_demo.limits import Limits, too_large, too_many_columns, too_many_rows

_UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError, RuntimeError)
BYTES_PER_VALUE = 8  # what a number takes in memory however well the file packs it


def read_parquet(content: bytes, name: str, limits: Limits) -> RawTable:
    """A Parquet file as a table; its sizes are checked before its data is unpacked."""
    try:
        table, unreadable = _table(content, name, limits)
        return _raw(table, name, unreadable, limits)
    except _UNREADABLE as error:
        raise InputError(_unreadable(name, error)) from None


def read_row_groups(path: Path, limits: Limits) -> Iterator[RawTable]:
    """The row groups of a Parquet file, one after the other; no more than one is ever in memory.

    Raises InputError if the file cannot be read, or if a row group alone is over a limit.
    """
    try:
        with open_file(path) as stream, pq.ParquetFile(stream) as file:
            schema, metadata = file.schema_arrow, file.metadata
            if len(schema) > limits.columns:
                raise InputError(too_many_columns(path.name, len(schema), limits.columns))
            plain, unreadable = _readable_columns(schema)
            for index in range(metadata.num_row_groups):
                name = f"{path.name}, row group {index}"
                size = metadata.row_group(index).total_byte_size
                if size > limits.unpacked_bytes:
                    raise InputError(too_large(name, "row group", size, limits.unpacked_bytes))
                table = file.read_row_group(index, columns=plain, use_threads=False)
                if table.num_rows:
                    yield _raw(table, name, unreadable, limits)
    except _UNREADABLE as error:
        raise InputError(_unreadable(path.name, error)) from None


def _unreadable(name: str, error: Exception) -> Problem:
    message = str(error).strip() or type(error).__name__
    return Problem(
        what="the Parquet file cannot be read",
        where=name,
        got=message.splitlines()[0][:200],
        expected="a whole Parquet file",
        remedy="Write or copy the file again.",
    )


def _raw(table: pa.Table, name: str, unreadable: dict[str, str], limits: Limits) -> RawTable:
    frame = pd.DataFrame({n: _column(table[n]) for n in table.column_names}, copy=False)
    problems = [] if table.num_rows else [_no_rows(name, table)]
    lists = frozenset(n for n in table.column_names if _is_list(table[n].type))
    raw = RawTable(
        frame, name, list_columns=lists, unreadable=unreadable, first_line=None, names="stored"
    )
    if problems := [*problems, *long_cells(raw, limits)]:
        raise InputError(problems)
    return raw


def _table(content: bytes, name: str, limits: Limits) -> tuple[pa.Table, dict[str, str]]:
    metadata = pq.read_metadata(io.BytesIO(content))
    schema = metadata.schema.to_arrow_schema()
    if metadata.num_rows > limits.rows:
        raise InputError(too_many_rows(name, metadata.num_rows, limits.rows))
    if len(schema) > limits.columns:
        raise InputError(too_many_columns(name, len(schema), limits.columns))
    _check_unpacked_size(metadata, schema, content, name, limits)
    plain, unreadable = _readable_columns(schema)
    # Repeated text is packed once in the file: it stays so in memory.
    text = [n for n in plain if _is_text(schema.field(n).type)]
    file = pq.ParquetFile(io.BytesIO(content), read_dictionary=text)
    return file.read(columns=plain, use_threads=False), unreadable


def _no_rows(name: str, table: pa.Table) -> Problem:
    return Problem(
        what="the Parquet file has no rows",
        where=name,
        got=f"{table.num_columns} columns, 0 rows",
        expected="one row per impression",
        remedy="Export the table again.",
    )


def _check_unpacked_size(
    metadata: pq.FileMetaData, schema: pa.Schema, content: bytes, name: str, limits: Limits
) -> None:
    groups = range(metadata.num_row_groups)
    size = sum(metadata.row_group(index).total_byte_size for index in groups)
    values = metadata.num_rows * len(schema)
    if any(pa.types.is_nested(column.type) for column in schema):
        values = max(values, count_values(content))
    size = max(size, values * BYTES_PER_VALUE)
    if size > limits.unpacked_bytes:
        raise InputError(too_large(name, "unpacked file", size, limits.unpacked_bytes))


def _readable_columns(schema: pa.Schema) -> tuple[list[str], dict[str, str]]:
    plain: list[str] = []
    unreadable: dict[str, str] = {}
    for column in schema:
        kind = column.type
        values = kind.value_type if pa.types.is_dictionary(kind) or _is_list(kind) else kind
        if schema.names.count(column.name) > 1:
            unreadable[column.name] = "two columns have this name"
        elif _is_opaque(values):
            unreadable[column.name] = f"its type is {kind}, not plain values or lists of them"
        else:
            plain.append(column.name)
    return plain, unreadable


def _is_opaque(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_nested(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
        or isinstance(kind, pa.BaseExtensionType)
    )


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _column(column: pa.ChunkedArray) -> pd.Series:
    """Text and lists as categoricals of strings, everything else in the type it has."""
    kind = column.type
    if _is_list(kind):
        return text_column(pa.chunked_array([_joined(column)]))
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        if not _is_text(kind):
            column = column.cast(kind)
    if _is_text(kind) or pa.types.is_null(kind):
        return text_column(column)
    return pd.Series(pd.arrays.ArrowExtensionArray(column))


def _joined(column: pa.ChunkedArray) -> pa.Array:
    """Every list as one text, its values between `LIST_SEPARATOR`s."""
    lists = column.combine_chunks()
    cells: list[list[str]] = [[] for _ in range(len(lists))]
    parents = pc.list_parent_indices(lists).to_pylist()
    for parent, text in zip(parents, texts(pc.list_flatten(lists)), strict=True):
        cells[parent].append(text)
    return pa.array([cell_of(cell) for cell in cells], pa.string())
