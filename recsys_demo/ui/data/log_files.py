"""The files of a log of one's own: which holds what, and their tables, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from recsys_demo.data.allowed_folders import reachable
from recsys_demo.data.cache import Cache
from recsys_demo.data.files import file_content, file_digest
from recsys_demo.data.guessing.readings import Given, Reading
from recsys_demo.data.tables import RawTable
from recsys_demo.data.uploads import Upload, display_name, safe_name
from recsys_demo.limits import Limits
from recsys_demo.ui.data import uploads
from recsys_demo.ui.data.naming import Header

Tables = tuple[RawTable, RawTable | None]
_TABLES: Cache[Tables] = Cache(4)


@dataclass(frozen=True)
class Files:
    """Files as links name them, by what they hold; one archive may hold all of it."""

    data: str
    items: str | None = None
    users: str | None = None

    @property
    def all(self) -> tuple[str, ...]:
        """Those that there are, the log's first."""
        return tuple(text for text in (self.data, self.items, self.users) if text is not None)


def files_of(kept: Sequence[Upload], reading: Reading) -> Files:
    """Which of the uploads holds what, by what was read of them; the tables are kept."""
    left = sorted(kept, key=lambda upload: upload.name != _safe_stem(reading.log.name))
    data = str(left.pop(0))
    described = "" if reading.items is None else _safe_stem(reading.items.name)
    items = next((upload for upload in left if upload.name == described), None)
    users = next((upload for upload in left if upload is not items), None)
    files = Files(data, *(None if upload is None else str(upload) for upload in (items, users)))
    _TABLES.get(_key(files, reading.header), lambda: (reading.log, reading.items))
    return files


def columns_of(log: RawTable, items: RawTable | None) -> list[str]:
    """Every column a schema may name."""
    described = [] if items is None else list(items.frame.columns)
    return list(dict.fromkeys(str(name) for name in [*log.frame.columns, *described]))


def _safe_stem(name: str) -> str:
    """The file a table came from: archives name it before the member."""
    return safe_name(name.split(": ", maxsplit=1)[0])


def tables_of_files(files: Files, limits: Limits, header: Header = ()) -> Tables:
    """The log and its items, read once per content and names of columns."""

    def read() -> Tables:
        with st.spinner("Reading the file ..."):
            return uploads.read(contents_of(files, limits), limits, header)

    return _TABLES.get(_key(files, header), read)


def _key(files: Files, header: Header) -> str:
    return f"{content_key(files)}|{header}"


def contents_of(files: Files, limits: Limits) -> Given:
    return [(display_name(text), file_content(reachable(text), limits)) for text in files.all]


def content_key(files: Files) -> str:
    """What stands for the contents of files. Raises InputError if one is not there."""
    return "|".join(file_digest(reachable(text)) for text in files.all)
