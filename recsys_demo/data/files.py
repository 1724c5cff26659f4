"""Regular files, opened and read within the limits; nothing else is ever opened."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import lru_cache
from io import BufferedReader
from pathlib import Path

from recsys_demo.data.allowed_folders import place
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits, too_large

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def is_file(path: Path) -> bool:
    """Whether a regular file is there; False too where no file can be, as under an endless name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def open_file(path: Path) -> BufferedReader:
    """A regular file, open for reading. Raises InputError for all that is none, without waiting for
    it: a pipe nobody writes to would never open, a device never end."""
    try:
        # Looked at before it is opened, for opening a device can do something; and after, for it
        # may have been exchanged meanwhile.
        _check_regular(path.stat())
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        file = os.fdopen(os.open(path, flags), "rb")
        try:
            _check_regular(os.fstat(file.fileno()))
        except OSError:
            file.close()
            raise
        return file
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        raise _unreadable(path, error) from None


_PIECE = 2**20


def file_content(path: Path, limits: Limits | None = None) -> bytes:
    """The bytes of a file no larger than the limits allow. Raises InputError."""
    limits = limits or Limits.from_environment()
    with open_file(path) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            # What is asked for is set aside at once, so no more is asked for than there should be;
            # but some files of the system say that they are empty and never end.
            content = b"" if size > limits.file_bytes else file.read(size + 1)
            while size < len(content) <= limits.file_bytes and (more := file.read(_PIECE)):
                content += more
        except OSError as error:
            raise _unreadable(path, error) from None
    if (size := max(size, len(content))) > limits.file_bytes:
        raise InputError(too_large(path.name, "file", size, limits.file_bytes))
    return content


def file_digest(path: Path) -> str:
    """A hash of a file's content. It is computed anew only when the file has changed, as far as its
    number, size and times tell. Raises InputError."""
    with open_file(path) as file:
        status = os.fstat(file.fileno())
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return _digest(str(path.absolute()), status.st_dev, status.st_ino, status.st_size, times)


@lru_cache(maxsize=1_024)
def _digest(path: str, device: int, number: int, size: int, times: tuple[int, int]) -> str:
    del device, number, times
    with open_file(Path(path)) as file:
        whole = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32))
    return f"{whole.hexdigest()}-{size}"


def _check_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "something else")
        raise OSError(f"{kind}, not a file")


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError.of(
        what="the file cannot be read",
        where=place(path),
        got=getattr(error, "strerror", None) or str(error),
        expected="a readable CSV, TSV or Parquet file",
        remedy="Check the path and its permissions.",
    )
