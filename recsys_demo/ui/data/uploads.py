"""Uploaded files on the server's disk, named by their content so that links to them hold."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from recsys_demo.data.allowed_folders import reachable
from recsys_demo.data.archive import tables_of
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.tables import RawTable, too_large
from recsys_demo.errors import InputError, Problem
from recsys_demo.jobs.cleaning import UPLOADS
from recsys_demo.jobs.settings import JobSettings
from recsys_demo.limits import Limits

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def keep(
    content: bytes, name: str, folder: Path | None = None, limits: Limits | None = None
) -> Path:
    """Write an upload under its hash; the same content is kept once. Raises InputError if it is
    larger than the limit or cannot be written."""
    limits = limits or Limits.from_environment()
    if len(content) > limits.upload_bytes:
        raise InputError(too_large(name, "upload", len(content), limits.upload_bytes))
    folder = folder or JobSettings.from_environment().home / UPLOADS
    path = folder / hashlib.blake2b(content, digest_size=12).hexdigest() / safe_name(name)
    try:
        _write(content, path)
    except OSError as error:
        raise InputError(
            Problem(
                what="the upload cannot be kept",
                where=name,
                got=error.strerror or str(error),
                expected="a server with free space that may write to its folder",
                remedy="Free some space on the server, or set RECSYS_DEMO_HOME there.",
            )
        ) from None
    return path


def _write(content: bytes, path: Path) -> None:
    """Whole or not at all; a file that is there already is only noted as wanted again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        os.utime(path.parent)
        return
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        whole = Path(temporary) / path.name
        whole.write_bytes(content)
        whole.replace(path)


def safe_name(name: str) -> str:
    """A name that is a name on every file system and leads nowhere else."""
    plain = _UNSAFE.sub("_", Path(name.replace("\\", "/")).name).strip("._")
    return plain[-80:] or "upload"


def content(path: Path) -> bytes:
    """What is kept at a path, which may have come with a link. Raises InputError if it is no
    longer there."""
    path = reachable(str(path))
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            Problem(
                what="the uploaded file cannot be read any more",
                where=path.name,
                got=error.strerror or str(error),
                expected="the file as it was uploaded",
                remedy="Upload it again.",
            )
        ) from None


def read(uploads: list[tuple[str, bytes]], limits: Limits) -> tuple[RawTable, RawTable | None]:
    """The log and, from a second file or an archive, the items. Raises InputError."""
    tables = [table for name, content in uploads for table in tables_of(content, name, limits)]
    return log_and_items(tables)
