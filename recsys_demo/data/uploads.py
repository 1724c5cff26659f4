"""Uploaded files on the server's disk, named by their content: a link to one holds no path, and any
server that was given the same file finds it."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.folders import default_home
from recsys_demo.limits import PREFIX, Limits, too_large

FOLDER = "uploads"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_BY_CONTENT = re.compile(r"upload:([0-9a-f]{24})/([A-Za-z0-9._-]{1,80})")
# How links named uploads once: by where they lay on the server.
_BY_PATH = re.compile(r".*[/\\]uploads[/\\]([0-9a-f]{24})[/\\]([A-Za-z0-9._-]{1,80})", re.DOTALL)


@dataclass(frozen=True)
class Upload:
    """An uploaded file: the hash of its content, and the name it is shown by."""

    digest: str
    name: str
    is_by_content: bool = True

    def __str__(self) -> str:
        """As it stands in links."""
        return f"upload:{self.digest}/{self.name}"


def upload_of(text: str) -> Upload | None:
    """The upload that a link names, None for any other path."""
    for form in (_BY_CONTENT, _BY_PATH):
        if match := form.fullmatch(text):
            return Upload(match[1], match[2], is_by_content=form is _BY_CONTENT)
    return None


def display_name(text: str) -> str:
    """The name of the file that a path or an upload's name stands for."""
    upload = upload_of(text)
    return upload.name if upload is not None else Path(text).name


def kept_folder() -> Path:
    """Where this server keeps uploads."""
    return Path(os.environ.get(f"{PREFIX}HOME", default_home())) / FOLDER


def upload_path(upload: Upload) -> Path | None:
    """The file as it was uploaded here, under whichever name; None if it was not."""
    with suppress(OSError, ValueError):
        folder = kept_folder() / upload.digest
        for path in (folder / upload.name, *sorted(folder.iterdir())):
            # Never by a link that leads out of the folder.
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
    return None


def upload_problem(upload: Upload) -> Problem:
    """A link's upload that is not here."""
    return Problem(
        what="this uploaded file is not on this server",
        where=excerpt(upload.name),
        got="a link that names it",
        expected="the same file, uploaded here",
        remedy="Upload it again in the Data room: this link will then show what it showed.",
    )


def keep_upload(content: bytes, name: str, limits: Limits | None = None) -> Upload:
    """Write an upload under its hash; the same content is kept once. Raises InputError if it is
    larger than the limit or cannot be written."""
    limits = limits or Limits.from_environment()
    if len(content) > limits.upload_bytes:
        raise InputError(too_large(name, "upload", len(content), limits.upload_bytes))
    upload = Upload(digest_of(content), safe_name(name))
    try:
        _write(content, kept_folder() / upload.digest / upload.name)
    except OSError as error:
        raise InputError.of(
            what="the upload cannot be kept",
            where=name,
            got=error.strerror or str(error),
            expected="a server with free space that may write to its folder",
            remedy=f"Free some space on the server, or set {PREFIX}HOME there.",
        ) from None
    return upload


def digest_of(content: bytes) -> str:
    """The hash by which an upload is known."""
    return hashlib.blake2b(content, digest_size=12).hexdigest()


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
