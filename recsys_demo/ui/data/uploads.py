"""Files that a person gives in the browser."""

from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from recsys_demo.data import uploads
from recsys_demo.data.archive import file_names, is_archive, tables_of
from recsys_demo.data.cache import Cache
from recsys_demo.data.guessing.headers import guess_header
from recsys_demo.data.guessing.schemas import Guess, guess_schema
from recsys_demo.data.interactions import build_interactions
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.leaks import leaks, without_leaks
from recsys_demo.data.schema import Schema
from recsys_demo.data.source import Source
from recsys_demo.data.specs import SOURCES
from recsys_demo.data.tables import RawTable
from recsys_demo.data.uploads import Upload
from recsys_demo.errors import InputError, Problem
from recsys_demo.jobs.bounded_calls import call_bounded
from recsys_demo.limits import Limits
from recsys_demo.ui import visitors
from recsys_demo.ui.jobs import lab_jobs

Given = list[tuple[str, bytes]]  # names and contents
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


@dataclass(frozen=True)
class Reading:
    """Files as they were read, the names of the log's columns where its first line does not say
    them, and what is guessed of all: a schema, or why there is none."""

    log: RawTable
    items: RawTable | None
    header: tuple[str, ...]
    guess: Guess | None
    problems: tuple[Problem, ...] = ()


def read(
    given: Given, limits: Limits, header: Sequence[str] = ()
) -> tuple[RawTable, RawTable | None]:
    """The log and, from a second file or an archive, the items, read in a process with bounds.
    `header` names the columns of the first file. Raises InputError."""
    return call_bounded(_read, given, limits, header)


def _read(given: Given, limits: Limits, header: Sequence[str]) -> tuple[RawTable, RawTable | None]:
    tables: list[RawTable] = []
    for name, content in given:
        tables += tables_of(content, name, limits, () if tables else header)
    return log_and_items(tables)


def read_and_guess(given: Given, limits: Limits, header: tuple[str, ...] = ()) -> Reading:
    """What `read` reads, with a guess of what it means, in a process with bounds. Raises InputError
    where the files cannot be read."""
    return call_bounded(_read_and_guess, given, limits, header)


def _read_and_guess(given: Given, limits: Limits, header: tuple[str, ...]) -> Reading:
    log, items = _read(given, limits, header)
    header = header or (() if log.has_names else guess_header(log))
    try:
        log, items = log_and_items([log.with_names(header), *([] if items is None else [items])])
        guess = guess_schema(log, items)
    except InputError as error:
        return Reading(log, items, header, None, error.problems)
    schema, done = _guarded(guess.schema.model_copy(update={"header": header}), log, items)
    return Reading(log, items, header, Guess(schema, guess.reasons | done))


def _guarded(
    schema: Schema, log: RawTable, items: RawTable | None
) -> tuple[Schema, dict[str, str]]:
    """The schema in which no field gives the label away, and what was done about each that did."""
    try:
        rows, _ = build_interactions(log, schema, items, "drop")
    except InputError:
        return schema, {}  # the next step says it
    return without_leaks(schema, leaks(rows))


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
