"""Text of strangers' files as UTF-8."""

from __future__ import annotations

import codecs
import re

from recsys_demo.errors import InputError, Problem, excerpt

WINDOWS = "cp1252"  # what spreadsheets of Western languages save as CSV
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
HIGH = re.compile(rb"[\x80-\xff]")
WHOLE_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
PIECE = 1 << 20


def as_utf8(content: bytes, name: str) -> tuple[bytes, str | None]:
    """The text in UTF-8, and a sentence if it was in another encoding. Raises InputError."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            content = content.decode("utf-16").encode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(_encoding_problem(name, content, error.start, "UTF-16")) from None
    content = content.removeprefix(b"\xef\xbb\xbf")
    if b"\x00" in content:
        raise InputError.of(
            what="this is not a text file",
            where=name,
            got=f"zero bytes; it begins with {excerpt(repr(content[:8]))}",
            expected="CSV or TSV in UTF-8, or Parquet",
            remedy="Export the table as CSV or Parquet; renaming a file does not convert it.",
        )
    bad = _first_bad_byte(content)
    if bad is None:
        return content, None
    if not _is_windows(content, bad):
        raise InputError(_encoding_problem(name, content, bad, "UTF-8"))
    note = f"{name} is not UTF-8: it is read as Windows-1252, the encoding of older spreadsheets."
    return content.decode(WINDOWS).encode("utf-8"), note


def _first_bad_byte(content: bytes) -> int | None:
    """Where the text stops being UTF-8; piece by piece, or its copy would take four times as much
    memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content) or 1, PIECE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(content[start : start + PIECE], start + PIECE >= len(content))
        except UnicodeDecodeError as error:
            return start - held + error.start
    return None


def _is_windows(content: bytes, bad: int) -> bool:
    """Whether the text can be in Windows-1252: no control characters, and not UTF-8 that is cut at
    its end or damaged in a few places."""
    if CONTROLS.search(content) or min(content[bad:]) >= 0x80:
        return False
    rest, whole = WHOLE_CHARACTER.subn(b"", content)
    if whole >= len(HIGH.findall(rest)):
        return False
    try:
        content.decode(WINDOWS)
    except UnicodeDecodeError:
        return False
    return True


def _encoding_problem(name: str, content: bytes, at: int, encoding: str) -> Problem:
    line = content.count(b"\n", 0, at) + 1
    around = content[max(0, at - 12) : at + 12].decode("cp1252", errors="replace")
    return Problem(
        what=f"the text is not {encoding}",
        where=f"{name}, line {line}, byte {at:,}",
        got=f"byte 0x{content[at]:02x} near {excerpt(around)}",
        expected="text in UTF-8",
        remedy="Save the file as UTF-8 (in a spreadsheet: 'CSV UTF-8').",
    )
