"""An own file, from upload to a log that can be trained on: guess, look, correct, see, use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from recsys_demo.data.guessing.schemas import guess_schema
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import DataSpec, FileSpec
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError
from recsys_demo.limits import Limits
from recsys_demo.ui.data import uploads
from recsys_demo.ui.data.consequences import consequences
from recsys_demo.ui.data.correction import Correction, correction_of
from recsys_demo.ui.data.corrections import column_choices, role_choices
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import show_error
from recsys_demo.ui.widgets import button

DRAFT = "data.wizard"
TYPES = ["csv", "tsv", "txt", "parquet", "gz", "zip"]
PREVIEW_ROWS = 8
Use = Callable[[DataSpec], None]


@dataclass(frozen=True)
class Draft:
    """Files on disk, why each column got its role, and the schema as corrected so far."""

    mark: str
    paths: tuple[Path, ...]
    reasons: dict[str, str]
    correction: Correction


def wizard(spec: DataSpec, use: Use, limits: Limits) -> None:
    """Draw every step that the person has reached; `use` is called with the finished source."""
    given = st.file_uploader(
        "CSV, TSV, Parquet or a zip; a second file may describe the items",
        type=TYPES,
        accept_multiple_files=True,
        key="data.upload",
        help=f"At most {limits.upload_bytes // 1_000_000} MB. The file stays on this machine.",
    )
    try:
        if given:
            _start([(file.name, file.getvalue()) for file in given], limits)
        draft = st.session_state.get(DRAFT)
        if not isinstance(draft, Draft):
            draft = _draft_in_use(spec, limits)
        if draft is None:
            st.info("Choose a file. You will see what is guessed of it before anything is used.")
            return
        log, items = _tables(draft.paths, limits)
    except InputError as error:
        show_error(error)
        return
    _steps(draft, log, items, spec, use)


def _start(files: list[tuple[str, bytes]], limits: Limits) -> None:
    """Read and guess, once per choice of files."""
    mark = hashlib.blake2b(b"|".join(content for _, content in files), digest_size=12).hexdigest()
    draft = st.session_state.get(DRAFT)
    if isinstance(draft, Draft) and draft.mark == mark:
        return
    st.session_state.pop(DRAFT, None)
    log, items = uploads.read(files, limits)
    guess = guess_schema(log, items)
    paths = tuple(uploads.keep(content, name, limits=limits) for name, content in files)
    by_size = sorted(paths, key=lambda path: path.name != safe_stem(log.name))
    st.session_state[DRAFT] = Draft(
        mark, tuple(by_size), guess.reasons, correction_of(guess.schema, columns_of(log, items))
    )


def _draft_in_use(spec: DataSpec, limits: Limits) -> Draft | None:
    """The steps behind the file in use, which a link may have brought; None for another log."""
    if not isinstance(spec, FileSpec) or spec.data is None:
        return None
    paths = tuple(Path(path) for path in (spec.data, spec.items) if path is not None)
    log, items = _tables(paths, limits)
    mark = hashlib.blake2b(spec.model_dump_json().encode(), digest_size=12).hexdigest()
    schema = Schema.parse(spec.schema_toml)
    return Draft(mark, paths, {}, correction_of(schema, columns_of(log, items)))


def columns_of(log: RawTable, items: RawTable | None) -> list[str]:
    """Every column a schema may name."""
    described = [] if items is None else list(items.frame.columns)
    return list(dict.fromkeys(str(name) for name in [*log.frame.columns, *described]))


def safe_stem(name: str) -> str:
    """The file a table came from: archives name it before the member."""
    return uploads.safe_name(name.split(": ", maxsplit=1)[0])


@st.cache_resource(max_entries=4, show_spinner="Reading the file ...")
def _tables(paths: tuple[Path, ...], _limits: Limits) -> tuple[RawTable, RawTable | None]:
    return uploads.read([(path.name, uploads.content(path)) for path in paths], _limits)


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


def _steps(draft: Draft, log: RawTable, items: RawTable | None, spec: DataSpec, use: Use) -> None:
    in_use = _in_use(draft, spec)
    name = f"**{plain(log.name)}**"
    with st.expander(
        f"{name} is in use. Its rows and what its columns mean" if in_use else name,
        expanded=not in_use,
        key=f"data.{draft.mark}.{in_use}",
    ):
        _preview(log, items)
        corrected = _corrected(draft, log, items)
    try:
        schema = corrected.schema()
        if spec == _spec(draft.paths, schema):
            _go_on(schema)
            return
        st.markdown("#### What will happen")
        consequences(draft.paths, log, items, schema)
    except InputError as error:
        show_error(error)
        return
    with st.container(horizontal=True):
        button(
            "Use this log",
            "data.use",
            use,
            _spec(draft.paths, schema),
            type="primary",
            icon=":material/check:",
        )
        _download(schema)


def _in_use(draft: Draft, spec: DataSpec) -> bool:
    try:
        return spec == _spec(draft.paths, draft.correction.schema())
    except InputError:
        return False


def _go_on(schema: Schema) -> None:
    """The log is in use: where to go from here."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/crosses.py", label="Cross its fields", icon=":material/join_inner:")
        st.page_link("pages/train.py", label="Train on it", icon=":material/play_arrow:")
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


def _corrected(draft: Draft, log: RawTable, items: RawTable | None) -> Correction:
    """The schema as the controls say it, kept for the next run."""
    st.markdown("#### What the columns mean")
    st.caption("Guessed from names and contents. Correct what is wrong.")
    corrected = role_choices(draft.correction, columns_of(log, items), draft.mark)
    corrected = column_choices(corrected, draft.reasons, draft.mark)
    if corrected != draft.correction:
        st.session_state[DRAFT] = replace(draft, correction=corrected)
    return corrected


def _spec(paths: tuple[Path, ...], schema: Schema) -> FileSpec:
    return FileSpec(
        data=str(paths[0]),
        items=str(paths[1]) if len(paths) > 1 else None,
        schema_toml=schema.to_toml(),
        bad_rows="drop",
    )
