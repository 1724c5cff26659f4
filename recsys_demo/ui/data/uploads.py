"""Files that a person gives in the browser."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Iterable, Sequence

import streamlit as st

from recsys_demo.data import uploads
from recsys_demo.data.archive import file_names, is_archive
from recsys_demo.data.cache import Cache
from recsys_demo.data.guessing.readings import Given, Reading, read_given, reading_of
from recsys_demo.data.source import Source
from recsys_demo.data.specs import SOURCES
from recsys_demo.data.tables import RawTable
from recsys_demo.data.uploads import Upload
from recsys_demo.jobs.bounded_calls import call_bounded
from recsys_demo.limits import Limits
from recsys_demo.ui import visitors
from recsys_demo.ui.jobs import lab_jobs

# A server that was started again knows no file of before: a new uploader has no chip of one either.
_SERVER = secrets.token_hex(4)
_LISTED: Cache[list[str]] = Cache(64)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def uploader(label: str, types: Iterable[str], key: str, limits: Limits) -> Given:
    """What a person has chosen, nothing yet being an empty list."""
    size = limits.upload_bytes // 1_000_000
    given = st.file_uploader(
        label,
        type=list(types),
        accept_multiple_files=True,
        key=f"{key}.{_SERVER}",
        help=f"At most {size} MB. The file stays on the machine that runs the lab.",
    )
    return [(file.name, file.getvalue()) for file in given]


def keep(content: bytes, name: str, limits: Limits) -> Upload:
    """Keep an upload on the server's disk. Raises InputError where it is too large or there is no
    space for it."""
    workers, visitor = lab_jobs().workers, visitors.visitor()
    workers.tidy()
    workers.check_disk(visitor, len(content))
    upload = uploads.keep_upload(content, name, limits)
    workers.own(upload.digest, visitor)
    return upload


def read(
    given: Given, limits: Limits, header: Sequence[str] = ()
) -> tuple[RawTable, RawTable | None]:
    """`read_given`, in a process with bounds."""
    return call_bounded(read_given, given, limits, header)


def read_and_guess(given: Given, limits: Limits, header: tuple[str, ...] = ()) -> Reading:
    """`reading_of`, in a process with bounds."""
    return call_bounded(reading_of, given, limits, header)


def recognized(given: Given) -> type[Source] | None:
    """The source whose download these files are, by the names of the files and in their zips."""
    names = [inner for name, content in given for inner in _names_in(name, content)]
    return next((source for source in SOURCES.values() if source.recognizes(names)), None)


def _names_in(name: str, content: bytes) -> list[str]:
    """The names of an archive's files, listed once for each in a process with bounds: a directory
    can be made to take more memory than its archive."""
    if not is_archive(content):
        return [name]
    return _LISTED.get(uploads.digest_of(content), lambda: call_bounded(file_names, content, name))


def as_one_file(given: Given, name: str) -> tuple[str, bytes]:
    """The file, or several in a zip; the same files make the same zip."""
    if len(given) == 1:
        return given[0]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, data in sorted(given):
            archive.writestr(zipfile.ZipInfo(inner, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return f"{name}.zip", content.getvalue()
