"""Reading tables people bring: CSV, TSV (also gzipped) and Parquet, with every problem named.

Nothing is interpreted here beyond rows, columns and text: what a column means is the schema's
business (`interactions.py`).
"""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

from recsys_demo.data.delimited import read_text
from recsys_demo.data.files import file_content
from recsys_demo.data.parquet import read_parquet
from recsys_demo.data.tables import LIST_SEPARATOR, RawTable
from recsys_demo.errors import InputError, Problem
from recsys_demo.limits import Limits, too_large

PIECE_BYTES = 1 << 20
__all__ = ["LIST_SEPARATOR", "RawTable", "read_bytes", "read_table"]


def read_table(path: Path, limits: Limits | None = None, name: str | None = None) -> RawTable:
    """Read a CSV, TSV or Parquet file. Raises InputError with every problem of the file."""
    limits = limits or Limits.from_environment()
    return read_bytes(file_content(path, limits), name or path.name, limits)


def read_bytes(content: bytes, name: str, limits: Limits | None = None) -> RawTable:
    """`read_table` for content already in memory (an upload)."""
    limits = limits or Limits.from_environment()
    if content[:2] == b"\x1f\x8b":
        content = _gunzipped(content, name, limits)
    if content[:4] == b"PK\x03\x04":
        raise InputError(_archive_problem(content, name))
    if not content.strip():
        raise InputError.of(
            what="the file is empty",
            where=name,
            got=f"{len(content)} bytes, nothing but blanks",
            expected="a line of column names and one line per impression",
            remedy="Export the table again.",
        )
    if content[:4] == b"PAR1":
        return read_parquet(content, name, limits)
    return read_text(content, name, limits)


def _archive_problem(content: bytes, name: str) -> Problem:
    workbook = b"[Content_Types].xml" in content[:4096] or b"xl/" in content[:4096]
    return Problem(
        what="this is not a table",
        where=name,
        got="an Excel workbook" if workbook else "a zip archive",
        expected="CSV or TSV in UTF-8, or Parquet",
        remedy="Save the sheet as 'CSV UTF-8'."
        if workbook
        else "Unpack it, or name it .zip where archives are taken.",
    )


def _gunzipped(content: bytes, name: str, limits: Limits) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            # Piece by piece: asked for all that is allowed, the reader would take that much memory.
            unpacked = bytearray()
            while len(unpacked) <= limits.unpacked_bytes and (piece := stream.read(PIECE_BYTES)):
                unpacked += piece
    except (OSError, EOFError, zlib.error) as error:
        raise InputError.of(
            what="the gzip archive is damaged",
            where=name,
            got=str(error),
            expected="a whole .gz file",
            remedy="Copy or download the file again.",
        ) from None
    if len(unpacked) > limits.unpacked_bytes:
        raise InputError(too_large(name, "unpacked file", len(unpacked), limits.unpacked_bytes))
    return bytes(unpacked)
