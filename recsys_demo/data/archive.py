"""Tables in a zip archive, read in memory and within the limits; nothing is written to disk."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from recsys_demo.data.files import file_content
from recsys_demo.data.reading import read_bytes, workbook
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import Limits, too_large

TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".csv.gz", ".tsv.gz")
# Files that are about the others.
DESCRIPTIONS = ("readme", "license", "licence", "copying", "changelog", "citation")
# Parts of .xlsx and its kin, of .ods and of .numbers.
WORKBOOK_PARTS = frozenset({"[Content_Types].xml", "content.xml", "Document.iwa"})
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
MAX_MEMBERS = 1_000
SHOWN_MEMBERS = 3
MAX_DIRECTORY_BYTES = 1_000_000
MAX_TABLES = 8
END_OF_DIRECTORY = b"PK\x05\x06"
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,  # encrypted
    NotImplementedError,
    ValueError,
    struct.error,
    IndexError,
    OverflowError,
)


def read_tables(
    path: Path, limits: Limits | None = None, header: Sequence[str] = ()
) -> list[RawTable]:
    """The table of a file, or the tables of a zip archive; `header` names the columns of one whose
    first line is a row. Raises InputError."""
    return tables_of(file_content(path, limits), path.name, limits, header)


def tables_of(
    content: bytes, name: str, limits: Limits | None = None, header: Sequence[str] = ()
) -> list[RawTable]:
    """`read_tables` for content already in memory (an upload)."""
    if is_archive(content):
        return read_archive(content, name, limits, header)
    return [read_bytes(content, name, limits, header)]


def is_archive(content: bytes) -> bool:
    """Whether a file is a zip archive, by how it begins."""
    return content[:4] in (b"PK\x03\x04", END_OF_DIRECTORY)


def read_archive(
    content: bytes, name: str, limits: Limits | None = None, header: Sequence[str] = ()
) -> list[RawTable]:
    """Every table of a zip archive, by name. Raises InputError with every problem of all."""
    limits = limits or Limits.from_environment()
    members = archive_members(content, name, _is_table, limits)
    if not members and _is_workbook(file_names(content, name)):
        raise InputError(workbook(name))
    if not 1 <= len(members) <= MAX_TABLES:
        raise InputError.of(
            what="the archive holds no table"
            if not members
            else "the archive holds too many tables",
            where=name,
            got=f"{len(members)} files named {', '.join(TABLE_ENDINGS)}"
            + ("" if members else _others(content, name)),
            expected="a log, and maybe a file that describes the items",
            remedy="Put just these files into the archive.",
        )
    # Among several, those that lack names take them.
    only = header if len(members) == 1 else ()
    tables: dict[str, RawTable] = {}
    problems: dict[str, tuple[Problem, ...]] = {}
    for member, data in members.items():
        try:
            tables[member] = read_bytes(data, f"{name}: {member}", limits, only)
        except InputError as error:
            problems[member] = error.problems
    words = _words_beside(tables, problems)
    if told := [problem for member in problems.keys() - words for problem in problems[member]]:
        raise InputError(told)
    return [table.with_names(header) for member, table in tables.items() if member not in words]


def _others(content: bytes, name: str) -> str:
    """What else an archive holds, by name."""
    told = [excerpt(member) for member in file_names(content, name) if member][:SHOWN_MEMBERS]
    return f", but {', '.join(told)}" if told else ""


def _words_beside(tables: Mapping[str, RawTable], unread: Iterable[str]) -> set[str]:
    """Text files that are words about the tables beside them: no tables themselves, or sharing no
    column with one."""
    texts = {name for name in (*tables, *unread) if name.lower().endswith(".txt")}
    columns = {name for member in tables.keys() - texts for name in tables[member].frame.columns}
    if not columns:
        return set()
    return {m for m in texts if m not in tables or columns.isdisjoint(tables[m].frame.columns)}


def archive_members(
    content: bytes, name: str, wanted: Callable[[str], bool], limits: Limits | None = None
) -> dict[str, bytes]:
    """The contents of the wanted members of a zip archive by their names.

    Never trusts the sizes written in the archive, and refuses one with members that point out of
    it: it was made to do harm, even if nothing here would follow them.
    """
    limits = limits or Limits.from_environment()
    _check_directory(content, name)
    found: dict[str, bytes] = {}
    left = limits.unpacked_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                _check_name(member.filename, name)
                if member.is_dir() or not wanted(member.filename):
                    continue
                with archive.open(member) as stream:
                    data = stream.read(left + 1)
                left -= len(data)
                if left < 0:
                    size = limits.unpacked_bytes - left
                    raise InputError(too_large(name, "archive", size, limits.unpacked_bytes))
                found[member.filename] = data
    except DAMAGED as error:
        raise InputError(_damaged(name, error)) from None
    return found


def file_names(content: bytes, name: str) -> list[str]:
    """The plain names of the files in an archive, or that of the file itself. Raises InputError for
    a damaged archive."""
    if not is_archive(content):
        return [name]
    _check_directory(content, name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [PurePosixPath(member).name for member in archive.namelist()]
    except DAMAGED as error:
        raise InputError(_damaged(name, error)) from None


def _is_workbook(names: Iterable[str]) -> bool:
    return not WORKBOOK_PARTS.isdisjoint(names)


def _is_table(member: str) -> bool:
    path = PurePosixPath(member)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    name = path.name.lower()
    return not hidden and name.endswith(TABLE_ENDINGS) and not name.startswith(DESCRIPTIONS)


def _check_directory(content: bytes, name: str) -> None:
    """Refuse a directory of a million members before it is parsed."""
    at = content.rfind(END_OF_DIRECTORY, max(0, len(content) - 65_557))
    if at < 0 or len(content) < at + 22:
        raise InputError(_damaged(name, ValueError("no directory of members at its end")))
    members, size = struct.unpack("<HL", content[at + 10 : at + 16])
    if members > MAX_MEMBERS or size > MAX_DIRECTORY_BYTES:
        raise InputError.of(
            what="the archive holds too many files",
            where=name,
            got=f"{members:,} files in a directory of {size:,} bytes",
            expected=f"at most {MAX_MEMBERS:,} files",
            remedy="Put just the log and the file of items into the archive.",
        )


def _check_name(member: str, name: str) -> None:
    path = PurePosixPath(member.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise InputError.of(
            what="the archive holds a file that points out of it",
            where=name,
            got=excerpt(member),
            expected="plain file names",
            remedy="Do not use this archive, or pack its files again.",
        )


def _damaged(name: str, error: Exception) -> Problem:
    return Problem(
        what="the zip archive cannot be read",
        where=name,
        got=excerpt(str(error) or type(error).__name__),
        expected="a whole zip archive without a password",
        remedy="Copy or download it again, or pack its files without a password.",
    )
