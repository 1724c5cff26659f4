"""An own file between upload and use: what is known of its columns so far."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import streamlit as st

from recsys_demo.data.guessing.readings import Given, Reading
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import DataSpec, FileSpec
from recsys_demo.data.uploads import digest_of, upload_of
from recsys_demo.errors import InputError, Problem
from recsys_demo.limits import Limits
from recsys_demo.ui.data import uploads
from recsys_demo.ui.data.correction import Correction, correction_of
from recsys_demo.ui.data.log_files import (
    Files,
    columns_of,
    contents_of,
    files_of,
    tables_of_files,
)
from recsys_demo.ui.data.naming import Header

DRAFT = "data.wizard"


@dataclass(frozen=True)
class Draft:
    """Files as links name them, the names of the columns where the first line does not say them,
    why each column got its role, and the schema corrected so far; without one, why not."""

    mark: str
    files: Files
    header: Header
    reasons: dict[str, str]
    correction: Correction | None
    problems: tuple[Problem, ...] = ()

    @property
    def key(self) -> str:
        """What stands for these files with these names of their columns."""
        names = repr(self.header).encode()
        return f"{self.mark}{digest_of(names)}" if self.header else self.mark


def start_draft(files: Given, spec: DataSpec, limits: Limits) -> None:
    """Read and guess, once per choice of files. The files of the log in use, given again, need no
    guess: the link says what they mean."""
    mark = hashlib.blake2b(b"|".join(content for _, content in files), digest_size=12).hexdigest()
    draft = st.session_state.get(DRAFT)
    if isinstance(draft, Draft) and draft.mark == mark:
        return
    st.session_state.pop(DRAFT, None)
    if isinstance(spec, FileSpec) and _same_files(files, spec):
        for name, content in files:
            uploads.keep(content, name, limits)
        return
    reading = uploads.read_and_guess(files, limits)
    kept = [uploads.keep(content, name, limits) for name, content in files]
    held = files_of(kept, reading)
    st.session_state[DRAFT] = _draft(mark, held, reading)


def _draft(mark: str, files: Files, reading: Reading) -> Draft:
    """The steps that begin with what was guessed."""
    if (guess := reading.guess) is None:
        return Draft(mark, files, reading.header, {}, None, reading.problems)
    columns = columns_of(reading.log, reading.items)
    correction = correction_of(guess.schema, columns)
    return Draft(mark, files, reading.header, guess.reasons, correction)


def renamed(draft: Draft, header: Header, limits: Limits) -> Draft:
    """The same files under other names of their columns, guessed anew."""
    try:
        reading = uploads.read_and_guess(contents_of(draft.files, limits), limits, header)
    except InputError as error:
        return Draft(draft.mark, draft.files, header, {}, None, error.problems)
    return _draft(draft.mark, draft.files, reading)


def _same_files(files: Given, spec: FileSpec) -> bool:
    """Whether these are the uploads that the source names, whatever they are called now."""
    wanted = {upload.digest for text in spec.paths().values() if (upload := upload_of(text))}
    return bool(wanted) and {digest_of(content) for _, content in files} == wanted


def draft_in_use(spec: DataSpec, limits: Limits) -> Draft | None:
    """The steps behind the file in use, which a link may have brought; None for another log."""
    if not isinstance(spec, FileSpec) or spec.data is None:
        return None
    files = Files(spec.data, spec.items, spec.users)
    try:
        schema = Schema.parse(spec.schema_toml)
        log, items = tables_of_files(files, limits, schema.header)
    except InputError:
        return None  # the room says it
    mark = hashlib.blake2b(spec.model_dump_json().encode(), digest_size=12).hexdigest()
    correction = correction_of(schema, columns_of(log, items), positives_only=True)
    return Draft(mark, files, schema.header, {}, correction)


def file_spec(files: Files, schema: Schema) -> FileSpec:
    """The finished source: these files, read as the schema says."""
    return FileSpec(
        data=files.data,
        items=files.items,
        users=files.users,
        schema_toml=schema.to_toml(),
        bad_rows="drop",
    )
