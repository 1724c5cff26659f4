"""Uploaded files on the server's disk, named by their content so that links to them hold."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from recsys_demo.data.archive import tables_of
from recsys_demo.data.guessing import log_and_items
from recsys_demo.data.tables import RawTable, too_large
from recsys_demo.errors import InputError, Problem
from recsys_demo.jobs.workers import JobSettings
from recsys_demo.limits import Limits

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def home() -> Path:
    """Where this server keeps uploads: beside its jobs. Raises InputError for bad settings."""
    return JobSettings.from_environment().home / "uploads"


def keep(
    content: bytes, name: str, folder: Path | None = None, limits: Limits | None = None
) -> Path:
    """Write an upload under its hash; the same content is kept once. Raises InputError if it is
    larger than the limit."""
    limits = limits or Limits.from_environment()
    if len(content) > limits.upload_bytes:
        raise InputError(too_large(name, "upload", len(content), limits.upload_bytes))
    place = (folder or home()) / hashlib.blake2b(content, digest_size=12).hexdigest()
    place.mkdir(parents=True, exist_ok=True)
    path = place / safe_name(name)
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=place, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)  # noqa: PTH105 # whole or not at all
    return path


def safe_name(name: str) -> str:
    """A name that is a name on every file system and leads nowhere else."""
    plain = _UNSAFE.sub("_", Path(name.replace("\\", "/")).name).strip("._")
    return plain[-80:] or "upload"


def content(path: Path) -> bytes:
    """What is kept at a path. Raises InputError if it is no longer there."""
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
