"""A text larger than one wants in memory, as tables of some of its rows, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from recsys_demo.data.delimited import read_text
from recsys_demo.data.files import open_file
from recsys_demo.data.reading import read_bytes, read_table
from recsys_demo.data.tables import RawTable
from recsys_demo.limits import Limits

PIECE_BYTES = 1 << 26
TRIES = 100  # line ends at which a piece may end, looked at from the last one on
PACKED = (b"\x1f\x8b", b"PK", b"\xff\xfe", b"\xfe\xff")  # archives, and UTF-16: read whole


def read_text_pieces(
    path: Path, limits: Limits, header: Sequence[str] = (), piece_bytes: int = PIECE_BYTES
) -> Iterator[RawTable]:
    """The rows of a text in tables of about so many bytes, each read as a file with the same first
    lines would be. A small file is one table; so is one that is packed, and one whose rows do not
    begin on lines of their own. Raises InputError with every problem of a piece."""
    with open_file(path) as file:
        start = file.read(piece_bytes)
        first, rest = _cut(start)
        if len(start) < piece_bytes or start.startswith(PACKED) or not first:
            yield read_table(path, limits, header)
            return
        table = read_bytes(first, path.name, limits, header)
        if table.first_line is None:
            yield read_table(path, limits, header)
            return
        yield table
        top = b"".join(first.splitlines(keepends=True)[: table.first_line - 1])
        rows = len(table.frame)
        del first, start
        while block := file.read(piece_bytes):
            piece, rest = _cut(rest + block)
            if piece:
                table = _further(top + piece, path, rows, limits, header)
                rows += len(table.frame)
                yield table
        if rest.strip():
            yield _further(top + rest, path, rows, limits, header)


def _further(
    content: bytes, path: Path, rows: int, limits: Limits, header: Sequence[str]
) -> RawTable:
    return read_text(content, f"{path.name} from row {rows:,} on", limits, header)


def _cut(content: bytes) -> tuple[bytes, bytes]:
    """The whole rows, and the beginning of one; no whole row where no line end is found that is
    outside of quotes."""
    end = len(content)
    for _ in range(TRIES):
        end = content.rfind(b"\n", 0, end)
        if end < 0:
            break
        if content.count(b'"', 0, end) % 2 == 0:
            return content[: end + 1], content[end + 1 :]
    return b"", content
