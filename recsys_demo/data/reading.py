"""Reading tables people bring: CSV, TSV (also gzipped) and Parquet, with every problem named.

Nothing is interpreted here beyond rows, columns and text: what a column means is the schema's
business (`interactions.py`).
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

from recsys_demo.data.delimited import read_text
from recsys_demo.data.files import file_content
from recsys_demo.data.foreign import foreign_problem
from recsys_demo.data.parquet import read_parquet
from recsys_demo.data.tables import LIST_SEPARATOR, RawTable
from recsys_demo.errors import InputError, Problem
from recsys_demo.limits import Limits, too_large

PIECE_BYTES = 1 << 20
OLD_WORKBOOK = bytes.fromhex("d0cf11e0a1b11ae1")  # .xls, and .xlsx with a password
__all__ = ["LIST_SEPARATOR", "RawTable", "read_bytes", "read_table"]


def read_table(path: Path, limits: Limits | None = None, header: Sequence[str] = ()) -> RawTable:
    """Read a CSV, TSV or Parquet file; `header` names the columns of a text whose first line is a
    row. Raises InputError with every problem of the file."""
    limits = limits or Limits.from_environment()
    return read_bytes(file_content(path, limits), path.name, limits, header)


def read_bytes(
    content: bytes, name: str, limits: Limits | None = None, header: Sequence[str] = ()
) -> RawTable:
    """`read_table` for content already in memory (an upload)."""
    limits = limits or Limits.from_environment()
    if content[:2] == b"\x1f\x8b":
        content = _gunzipped(content, name, limits)
    if content[:4] == b"PK\x03\x04":
        raise InputError(_archive_in_archive(name))
    if content[:8] == OLD_WORKBOOK:
        raise InputError(workbook(name))
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
    if (problem := foreign_problem(content, name)) is not None:
        raise InputError(problem)
    return read_text(content, name, limits, header)


def workbook(name: str) -> Problem:
    """A file of a spreadsheet program, which is read once it is saved as text."""
    return Problem(
        what="this is not a table",
        where=name,
        got="an Excel workbook, or that of another spreadsheet",
        expected="CSV or TSV in UTF-8, or Parquet",
        remedy="Open it, choose File, Save As, 'CSV UTF-8 (comma delimited)' (Text CSV in "
        "LibreOffice), and bring the file that makes; each sheet is a file of its own.",
    )


def _archive_in_archive(name: str) -> Problem:
    return Problem(
        what="this is not a table",
        where=name,
        got="a zip archive",
        expected="CSV or TSV in UTF-8, or Parquet",
        remedy="Unpack it, or name it .zip where archives are taken.",
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
