"""Files of other programs, known by how they begin, so that people are told what they have."""

from __future__ import annotations

import re

from recsys_demo.errors import Problem

LOOKED_AT = 1_024
# How files that are no text begin.
BINARY: dict[bytes, str] = {
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"ARROW1": "a Feather or Arrow file",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
    b"\x89HDF": "an HDF5 file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
    b"\x80\x04\x95": "a Python pickle",
}
TAR, TAR_AT = b"ustar", 257
TEXTS = (
    (re.compile(rb"[\[{]\s*(?:\{\s*)?\"[^\"\n]*\"\s*:"), "JSON"),
    (re.compile(rb"<(?:!doctype|\?xml|html|table)\b", re.IGNORECASE), "a page of HTML or XML"),
    (re.compile(rb"(?:insert into|create table|-- mysql dump) ?", re.IGNORECASE), "an SQL dump"),
    (re.compile(rb"@relation\s", re.IGNORECASE), "an ARFF file"),
)


def foreign_problem(content: bytes, name: str) -> Problem | None:
    """What a file is that is no table the lab reads; None where it may be one."""
    start = content[:LOOKED_AT]
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    kind = next((kind for begin, kind in BINARY.items() if start.startswith(begin)), None)
    if start[TAR_AT : TAR_AT + len(TAR)] == TAR:
        kind = "a tar archive"
    kind = kind or next((kind for form, kind in TEXTS if form.match(text)), None)
    if kind is None:
        return None
    return Problem(
        what="this is not a table",
        where=name,
        got=kind,
        expected="CSV or TSV in UTF-8, Parquet, or these in a zip",
        remedy="Export the table as CSV or Parquet from the program that made it; a data frame of "
        "pandas has to_csv and to_parquet. Renaming a file does not convert it.",
    )
