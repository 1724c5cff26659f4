"""Files that a person gives in the browser."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Iterable

import streamlit as st

from recsys_demo.data import uploads
from recsys_demo.data.archive import file_names, tables_of
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.source import Source
from recsys_demo.data.specs import SOURCES
from recsys_demo.data.tables import RawTable
from recsys_demo.data.uploads import Upload
from recsys_demo.jobs.bounded_calls import call_bounded
from recsys_demo.limits import Limits
from recsys_demo.ui.jobs import lab_jobs

Given = list[tuple[str, bytes]]  # names and contents
# A server that was started again knows no file of before: a new uploader has no chip of one either.
_SERVER = secrets.token_hex(4)
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
    workers = lab_jobs().workers
    workers.tidy()
    workers.check_disk()
    return uploads.keep_upload(content, name, limits)


def read(given: Given, limits: Limits) -> tuple[RawTable, RawTable | None]:
    """The log and, from a second file or an archive, the items, read in a process with bounds.
    Raises InputError."""
    return call_bounded(_read, given, limits)


def _read(given: Given, limits: Limits) -> tuple[RawTable, RawTable | None]:
    tables = [table for name, content in given for table in tables_of(content, name, limits)]
    return log_and_items(tables)


def recognized(given: Given) -> type[Source] | None:
    """The source whose download these files are, by the names of the files and in their zips."""
    names = [inner for name, content in given for inner in file_names(content, name)]
    return next((source for source in SOURCES.values() if source.recognizes(names)), None)


def as_one_file(given: Given, name: str) -> tuple[str, bytes]:
    """The file, or several in a zip; the same files make the same zip."""
    if len(given) == 1:
        return given[0]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, data in sorted(given):
            archive.writestr(zipfile.ZipInfo(inner, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return f"{name}.zip", content.getvalue()
