"""A person's own files: one log to be cut here, or its parts as they were cut, and a schema."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from recsys_demo.data.archive import TABLE_ENDINGS, WORKBOOKS, read_tables
from recsys_demo.data.evidence import formats_of
from recsys_demo.data.interactions import (
    BadRows,
    Interactions,
    ReadReport,
    build_interactions,
    concatenate,
)
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.negatives import with_negatives
from recsys_demo.data.reading import read_table
from recsys_demo.data.schema import Schema
from recsys_demo.data.source import Command, FreeText, PathText, Seed, Source, WholeLog
from recsys_demo.data.splits import Split, check_parts
from recsys_demo.data.tables import RawTable
from recsys_demo.data.uploads import display_name
from recsys_demo.data.user_tables import with_users
from recsys_demo.errors import InputError, Problem

PARTS = ("train", "valid", "test")


class FileSpec(Source):
    """A person's own file or zip, or one file per part, and the schema that explains it."""

    kind: Literal["file"] = "file"
    title: ClassVar[str] = "Your own file"
    upload_types: ClassVar[tuple[str, ...]] = (
        *dict.fromkeys(ending.rpartition(".")[2] for ending in TABLE_ENDINGS),
        "zip",
        *(ending[1:] for ending in WORKBOOKS),  # to be told how to save it
    )
    data: PathText | None = Field(None, description="CSV, TSV, Parquet or zip, to be split here")
    train: PathText | None = Field(None, description="rows to train on")
    valid: PathText | None = Field(None, description="rows to stop early by")
    test: PathText | None = Field(None, description="rows to measure on")
    items: PathText | None = Field(None, description="file with one row per item")
    # Absent where there is none: jobs of before are named without it.
    users: PathText | None = Field(
        None, description="file with one row per user", exclude_if=lambda path: path is None
    )
    schema_toml: FreeText = Field(max_length=100_000, description="the schema as TOML")
    bad_rows: BadRows = Field("refuse", description="what to do about rows that cannot be used")
    negatives_seed: Seed = Field(0, description="decides which negatives are drawn")

    @model_validator(mode="after")
    def _one_file_or_three(self) -> Self:
        given = [name for name in PARTS if getattr(self, name) is not None]
        if (self.data is None) == (not given) or (given and len(given) < 3):
            raise ValueError("give either data, or all of train, valid and test")
        return self

    @property
    def name(self) -> str:
        """The file's own name."""
        return display_name(self.data or self.train or "")

    @property
    def is_cut(self) -> bool:
        """Whether the parts come in files of their own."""
        return self.data is None

    def command(self) -> Command:
        """The files by name, the schema as a file."""
        files = [f"--{name} {shlex.quote(path)}" for name, path in self.paths().items()]
        return Command(
            f"cat > schema.toml <<'END'\n{self.schema_toml.rstrip()}\nEND",
            # The schema as it was trained with, whatever it lets a field give away.
            [*files, "--schema schema.toml", "--keep-leaks"],
            self.model_dump(mode="json", include={"bad_rows", "negatives_seed"}),
        )

    def known_schema(self) -> Schema:
        """As the person says it. Raises InputError."""
        return _parsed(self.schema_toml)

    def _read(self) -> WholeLog:
        return _log_in_parts(self) if self.data is None else _one_log(self, Path(self.data))


@lru_cache(maxsize=64)
def _parsed(toml: str) -> Schema:
    return Schema.parse(toml)


def _one_log(spec: FileSpec, path: Path) -> WholeLog:
    schema = spec.known_schema()
    table, items = log_and_items(read_tables(path, header=schema.header), schema.user)
    if spec.items is not None:
        items = read_table(Path(spec.items))
    if spec.users is not None:
        table = with_users(table, read_table(Path(spec.users)), schema.user)
    log, report = build_interactions(table, schema, items, spec.bad_rows)
    return WholeLog(with_negatives(log, spec.negatives_seed), report)


def _log_in_parts(spec: FileSpec) -> WholeLog:
    """Three files as three parts with one catalogue; the problems of all are told at once."""
    schema = spec.known_schema()
    logs, reports = _built_parts(spec, schema)
    whole = with_negatives(concatenate(logs), spec.negatives_seed)
    repeat = len(whole) // sum(map(len, logs))
    ends = np.cumsum([len(log) * repeat for log in logs])
    train, valid, test = (
        whole.take(np.arange(end - len(log) * repeat, end))
        for log, end in zip(logs, ends, strict=True)
    )
    check_parts(train.labels, valid.labels, test.labels)
    return WholeLog(whole, _summed(reports), Split(train, valid, test))


def _built_parts(spec: FileSpec, schema: Schema) -> tuple[list[Interactions], list[ReadReport]]:
    """All files are read before any is built: how a column is written is decided from all."""
    problems: list[Problem] = []

    def read(text: str, header: Sequence[str] = ()) -> list[RawTable]:
        try:
            return [read_table(Path(text), header=header)]
        except InputError as error:
            problems.extend(error.problems)
            return []

    items = None if spec.items is None else next(iter(read(spec.items)), None)
    parts = (spec.train, spec.valid, spec.test)
    tables = [table for text in parts for table in read(text or "", schema.header)]
    if spec.users is not None:
        try:
            users = read_table(Path(spec.users))
            tables = [with_users(table, users, schema.user) for table in tables]
        except InputError as error:
            problems += error.problems
    formats = formats_of(schema, tables, items)
    logs: list[Interactions] = []
    reports: list[ReadReport] = []
    for table in tables if spec.items is None or items is not None else []:
        try:
            log, report = build_interactions(table, schema, items, spec.bad_rows, formats=formats)
            logs.append(log)
            reports.append(report)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    return logs, reports


def _summed(reports: Iterable[ReadReport]) -> ReadReport:
    told = list(reports)
    return ReadReport(
        read=sum(report.read for report in told),
        kept=sum(report.kept for report in told),
        problems=tuple(dict.fromkeys(p for report in told for p in report.problems)),
        notes=tuple(dict.fromkeys(note for report in told for note in report.notes)),
    )
