"""An own file, from upload to a log that can be trained on: guess, look, correct, see, use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from recsys_demo.data.cells import to_categories
from recsys_demo.data.guessing.readings import Given
from recsys_demo.data.guessing.roles import likely_positive
from recsys_demo.data.leaks import Leak
from recsys_demo.data.profiles import profile_of
from recsys_demo.data.schema import Schema
from recsys_demo.data.source import Source, path_fields
from recsys_demo.data.specs import SOURCES, DataSpec, FileSpec
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui import session
from recsys_demo.ui.data import uploads
from recsys_demo.ui.data.consequences import consequences
from recsys_demo.ui.data.correction import Correction
from recsys_demo.ui.data.corrections import (
    column_choices,
    format_choices,
    role_choices,
    set_aside,
)
from recsys_demo.ui.data.draft import DRAFT, Draft, draft_in_use, file_spec, renamed, start_draft
from recsys_demo.ui.data.log_files import (
    columns_of,
    content_key,
    tables_of_files,
)
from recsys_demo.ui.data.naming import column_names
from recsys_demo.ui.data.source_form import load_source
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.widgets import button

PREVIEW_ROWS = 8
FEW_WORDS = 12
SHOWN_CANDIDATES = 8
Use = Callable[[DataSpec], None]


def wizard(spec: DataSpec, use: Use) -> None:
    """Draw every step that the person has reached; `use` is called with the finished source."""
    limits = Limits.from_environment()
    endings = [ending for kind in SOURCES.values() for ending in kind.upload_types]
    types = dict.fromkeys([*FileSpec.upload_types, *endings])
    label = "CSV, TSV, Parquet or a zip; more files may describe the items and the users"
    given = uploads.uploader(label, types, "data.upload", limits)
    try:
        known = uploads.recognized(given)
        if known is not None and not _offered(known, given, use, limits):
            return
        if given:
            start_draft(given, spec, limits)
        draft = st.session_state.get(DRAFT)
        if not isinstance(draft, Draft):
            draft = draft_in_use(spec, limits)
        if draft is None:
            if not isinstance(spec, FileSpec):
                st.info(
                    "Choose a file. The lab guesses what its columns mean; you check and correct."
                )
            return
        plain, items = tables_of_files(draft.files, limits)
    except InputError as error:
        show_error(error)
        return
    _steps(draft, plain, items, spec, use)


def _offered(kind: type[Source], given: Given, use: Use, limits: Limits) -> bool:
    """Offer the source whose download these files are. False where they can be read by it only."""
    st.info(f"This is {kind.title} as it is downloaded: its columns are known.")
    name, content = uploads.as_one_file(given, kind.title)
    label = f"Use it as {kind.title}"
    if st.button(label, key="data.file.load", type="primary", icon=":material/check:"):
        upload = uploads.keep(content, name, limits)
        load_source(kind, {path_fields(kind)[0]: str(upload)}, use)
    try:
        uploads.read(given, limits)
    except InputError:
        return False
    return True


def _preview(log: RawTable, items: RawTable | None) -> None:
    for table in (log, items):
        if table is None:
            continue
        rows, columns = table.frame.shape
        st.markdown(f"**{plain(table.name)}** · {rows:,} rows, {columns} columns")
        st.dataframe(
            table.frame.head(PREVIEW_ROWS).astype("str").replace("nan", ""),
            hide_index=True,
            alt=f"The first rows of {table.name}",
        )


def _steps(draft: Draft, first: RawTable, items: RawTable | None, spec: DataSpec, use: Use) -> None:
    """`first` is the log as it is read without being told the names of its columns."""
    in_use = _in_use(draft, spec)
    name = f"**{plain(first.name)}**"
    limits = Limits.from_environment()
    with st.expander(
        f"{name} is in use. Its rows and what its columns mean" if in_use else name,
        expanded=not in_use,
        key=f"data.{draft.mark}.{in_use}",
    ):
        header = column_names(first, draft.header, draft.mark)
        if header != draft.header:
            draft = renamed(draft, header, limits)
            st.session_state[DRAFT] = draft
        if draft.correction is None:
            _preview(first, items)
            show_error(InputError(draft.problems))
            return
        log, items = tables_of_files(draft.files, limits, draft.header)
        _preview(log, items)
        corrected = _corrected(draft, draft.correction, log, items)
    try:
        schema = corrected.schema()
        if spec == file_spec(draft.files, schema):
            _go_on(schema)
            return
        st.markdown("#### What will happen")
        found = consequences(content_key(draft.files), log, items, schema)
    except InputError as error:
        show_error(error)
        return
    if found:
        _aside_button(found, draft.key)
    said = schema.label is not None or corrected.positives_only
    if not said:
        st.warning(
            "No column says whether an item was taken. If every row is something that was taken, "
            f"say so above; otherwise choose the label.{_candidates(log, corrected)}",
            icon=":material/help:",
        )
    with st.container(horizontal=True):
        button(
            "Use this log",
            "data.use",
            use,
            file_spec(draft.files, schema),
            type="primary",
            disabled=not said,
            icon=":material/check:",
        )
        _download(schema)


def _aside_button(found: Sequence[Leak], key: str) -> None:
    names = ", ".join(plain(leak.field) for leak in found)
    button(
        f"Do not let {names} give the label away",
        "data.leaks",
        set_aside,
        found,
        key,
        icon=":material/visibility_off:",
        help="What goes with the item moves to the item's side, the rest is left out.",
    )


def _in_use(draft: Draft, spec: DataSpec) -> bool:
    try:
        return draft.correction is not None and spec == file_spec(
            draft.files, draft.correction.schema()
        )
    except InputError:
        return False


def _go_on(schema: Schema) -> None:
    """The log is in use: where to go from here."""
    with st.container(horizontal=True, vertical_alignment="center"):
        session.room_link("crosses", "Cross its fields")
        session.room_link("train", "Train on it")
        _download(schema)


def _download(schema: Schema) -> None:
    st.download_button(
        "Save the schema (TOML)",
        schema.to_toml(),
        "schema.toml",
        "application/toml",
        icon=":material/download:",
        help="The command line reads it: train --schema schema.toml",
    )


def _corrected(
    draft: Draft, correction: Correction, log: RawTable, items: RawTable | None
) -> Correction:
    """The schema as the controls say it, kept for the next run."""
    st.markdown("#### What the columns mean")
    st.caption("Guessed from names and contents. Correct what is wrong.")
    names = columns_of(log, items)

    def likely(label: str) -> str | None:
        return likely_positive(profile_of(log, label)) if label in log.frame else None

    corrected = role_choices(correction, names, _few_words(log), likely, draft.key)
    corrected = format_choices(corrected, draft.key)
    corrected = column_choices(corrected, draft.reasons, draft.key)
    if corrected != correction:
        st.session_state[DRAFT] = replace(draft, correction=corrected)
    return corrected


def _candidates(log: RawTable, corrected: Correction) -> str:
    """The columns of two values, one of which may be the label."""
    taken = (corrected.item, corrected.user, corrected.time, corrected.split)
    told = [
        f"{plain(name)} ({plain(', '.join(words))})"
        for name, words in _few_words(log).items()
        if len(words) == 2 and name not in taken
    ]
    return f" It may be one of these: {', '.join(told[:SHOWN_CANDIDATES])}." if told else ""


def _few_words(log: RawTable) -> dict[str, list[str]]:
    """The values of the columns that have few, which a label may mean something by."""
    profiled = {name: to_categories(log.frame[name]).cat.categories for name in log.frame}
    return {
        str(name): sorted(map(str, words))
        for name, words in profiled.items()
        if 1 < len(words) <= FEW_WORDS
    }
