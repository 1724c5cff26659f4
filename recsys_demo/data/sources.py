"""Where a log comes from, as a value that can stand in a link, and the log it names, cut in parts.

Every source ends as one `Dataset`. Its fingerprint hashes what was read and how it was cut, so runs
can be found again by the data they saw, wherever the files lie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from recsys_demo.data.archive import read_tables
from recsys_demo.data.frappe import NEGATIVES, frappe_files, read_frappe
from recsys_demo.data.guessing import log_and_items
from recsys_demo.data.interactions import (
    BadRows,
    Interactions,
    ReadReport,
    build_interactions,
    concatenate,
)
from recsys_demo.data.movielens import THRESHOLD, movielens_files, read_movielens
from recsys_demo.data.negatives import sample_negatives
from recsys_demo.data.reach import reachable
from recsys_demo.data.reading import file_content, read_table
from recsys_demo.data.sample import SCHEMA as SAMPLE_SCHEMA
from recsys_demo.data.sample import World, WorldConfig, make_world
from recsys_demo.data.sample_files import SHIPPED, read_sample
from recsys_demo.data.schema import Frozen, Schema
from recsys_demo.data.splits import Split, SplitConfig, check_parts, split
from recsys_demo.errors import InputError, Problem

FORM = 1  # counts the changes of what is made of the same files, so that old runs are not mistaken
PARTS = ("train", "valid", "test")
Seed = Annotated[int, Field(ge=0, lt=2**32)]
PathText = Annotated[str, Field(min_length=1, max_length=4_096)]


class SampleSpec(Frozen):
    """The planted world of a configuration; the shipped files hold that of the defaults."""

    kind: Literal["sample"] = "sample"
    world: WorldConfig = WorldConfig()


class FrappeSpec(Frozen):
    """The Frappe log in a folder of this machine, with sampled negatives."""

    kind: Literal["frappe"] = "frappe"
    folder: PathText = Field(description="folder with frappe.csv")
    negatives: int = Field(NEGATIVES, ge=1, le=20, description="sampled negatives per row")
    negatives_seed: Seed = Field(0, description="decides which negatives are drawn")


class MovieLensSpec(Frozen):
    """MovieLens as it is downloaded, ratings made labels."""

    kind: Literal["movielens"] = "movielens"
    path: PathText = Field(description="folder or zip of ml-latest-small")
    threshold: float = Field(
        THRESHOLD, gt=0.5, le=5.0, description="the lowest rating that counts as taken"
    )


class FileSpec(Frozen):
    """A person's own file or zip, or one file per part, and the schema that explains it."""

    kind: Literal["file"] = "file"
    data: PathText | None = Field(None, description="CSV, TSV, Parquet or zip, to be split here")
    train: PathText | None = Field(None, description="rows to train on")
    valid: PathText | None = Field(None, description="rows to stop early by")
    test: PathText | None = Field(None, description="rows to measure on")
    items: PathText | None = Field(None, description="file with one row per item")
    schema_toml: str = Field(max_length=100_000, description="the schema as TOML")
    bad_rows: BadRows = Field("refuse", description="what to do about rows that cannot be used")
    negatives_seed: Seed = Field(0, description="decides which negatives are drawn")

    @model_validator(mode="after")
    def _one_file_or_three(self) -> Self:
        given = [name for name in PARTS if getattr(self, name) is not None]
        if (self.data is None) == (not given) or (given and len(given) < 3):
            raise ValueError("give either data, or all of train, valid and test")
        return self


DataSpec = Annotated[
    SampleSpec | FrappeSpec | MovieLensSpec | FileSpec, Field(discriminator="kind")
]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A log in its parts.

    `report` tells what was read, before negatives were sampled. `world` knows the truth of a
    sample set and is None for any other log.
    """

    name: str
    train: Interactions
    valid: Interactions
    test: Interactions
    withheld: int
    report: ReadReport
    fingerprint: str
    world: World | None = None

    @property
    def schema(self) -> Schema:
        """The schema of every part."""
        return self.train.schema


def load(spec: DataSpec, config: SplitConfig) -> Dataset:
    """Read and cut the log. Files given in parts stay as they were cut. Raises InputError."""
    mark = fingerprint(spec, config)
    world: World | None = None
    if isinstance(spec, FileSpec) and spec.data is None:
        parts, report = _parts(spec)
    elif isinstance(spec, SampleSpec):
        log, world = _sample(spec)
        parts, report = split(log, config), ReadReport(len(log), len(log), ())
    else:
        log, report = read_log(spec)
        parts = split(log, config)
    return Dataset(
        name=_name(spec),
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        withheld=parts.withheld,
        report=report,
        fingerprint=mark,
        world=world,
    )


def schema_of_source(spec: DataSpec) -> Schema:
    """What the columns of a source mean, as cheaply as it can be known. Raises InputError."""
    match spec:
        case SampleSpec():
            return SAMPLE_SCHEMA
        case FileSpec():
            return Schema.parse(spec.schema_toml)
        case _:
            return read_log(spec)[0].schema


def read_log(spec: DataSpec) -> tuple[Interactions, ReadReport]:
    """The whole log of a source, negatives included. Raises InputError."""
    match spec:
        case SampleSpec():
            log, _ = _sample(spec)
            return log, ReadReport(len(log), len(log), ())
        case FrappeSpec():
            log, report = read_frappe(reachable(spec.folder), spec.negatives)
            return _with_negatives(log, spec.negatives_seed), report
        case MovieLensSpec():
            return read_movielens(reachable(spec.path), spec.threshold)
        case FileSpec():
            return _own_log(spec)


def fingerprint(spec: DataSpec, config: SplitConfig) -> str:
    """32 hexadecimal digits that stand for the rows and how they are cut. Raises InputError."""
    paths = {"folder", "path", "data", *PARTS, "items"}
    in_parts = isinstance(spec, FileSpec) and spec.data is None
    cut = "files" if in_parts else config.model_dump_json()
    digest = hashlib.blake2b(f"{FORM}|{spec.model_dump_json(exclude=paths)}|{cut}".encode())
    problems: list[Problem] = []
    for file in _files(spec):
        try:
            digest.update(_file_digest(file).encode())
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return digest.hexdigest()[:32]


def _sample(spec: SampleSpec) -> tuple[Interactions, World]:
    """The shipped files and a world drawn anew hold the same values: a test says so."""
    if spec.world == WorldConfig() and SHIPPED.is_dir():
        return read_sample(SHIPPED)
    world = make_world(spec.world)
    return world.interactions(), world


def _name(spec: DataSpec) -> str:
    match spec:
        case SampleSpec():
            return "Sample set (planted)"
        case FrappeSpec():
            return "Frappe"
        case MovieLensSpec():
            return "MovieLens"
        case FileSpec():
            return Path(spec.data or spec.train or "").name


def _files(spec: DataSpec) -> list[Path]:
    match spec:
        case SampleSpec():
            return []
        case FrappeSpec():
            return frappe_files(reachable(spec.folder))
        case MovieLensSpec():
            return movielens_files(reachable(spec.path))
        case FileSpec():
            given = (spec.data, spec.train, spec.valid, spec.test, spec.items)
            return [reachable(text) for text in given if text is not None]


def _file_digest(path: Path) -> str:
    try:
        status = path.stat()
    except (OSError, ValueError):
        file_content(path)  # says what is wrong
        raise
    return _digest_of(str(path.absolute()), status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _digest_of(path: str, size: int, mtime_ns: int) -> str:
    """The hash of a file, computed anew when its size or time has changed."""
    del mtime_ns
    try:
        with Path(path).open("rb") as file:
            whole = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32))
    except OSError:
        file_content(Path(path))  # says what is wrong
        raise
    return f"{whole.hexdigest()}-{size}"


def _with_negatives(log: Interactions, seed: int) -> Interactions:
    per_positive = log.schema.negatives_per_positive
    return log if per_positive is None else sample_negatives(log, per_positive, seed)


def _own_log(spec: FileSpec) -> tuple[Interactions, ReadReport]:
    if spec.data is None:
        raise InputError(_no_whole_log())
    tables = read_tables(reachable(spec.data))
    table, items = log_and_items(tables)
    if spec.items is not None:
        items = read_table(reachable(spec.items))
    schema = Schema.parse(spec.schema_toml)
    log, report = build_interactions(table, schema, items, spec.bad_rows)
    return _with_negatives(log, spec.negatives_seed), report


def _no_whole_log() -> Problem:
    return Problem(
        what="the log comes in parts",
        where="data source",
        got="train, valid and test",
        expected="one file",
        remedy="Give the whole log as data.",
    )


def _parts(spec: FileSpec) -> tuple[Split, ReadReport]:
    """Three files as three parts with one catalogue; the problems of all are told at once."""
    schema = Schema.parse(spec.schema_toml)
    logs, reports = _built_parts(spec, schema)
    whole = _with_negatives(concatenate(logs), spec.negatives_seed)
    repeat = len(whole) // sum(map(len, logs))
    ends = np.cumsum([len(log) * repeat for log in logs])
    train, valid, test = (
        whole.take(np.arange(end - len(log) * repeat, end))
        for log, end in zip(logs, ends, strict=True)
    )
    check_parts(train.labels, valid.labels, test.labels)
    return Split(train, valid, test), _summed(reports)


def _built_parts(spec: FileSpec, schema: Schema) -> tuple[list[Interactions], list[ReadReport]]:
    logs: list[Interactions] = []
    reports: list[ReadReport] = []
    problems: list[Problem] = []
    try:
        items = None if spec.items is None else read_table(reachable(spec.items))
    except InputError as error:
        items, problems = None, list(error.problems)
    for text in (spec.train, spec.valid, spec.test):
        try:
            table = read_table(reachable(text or ""))
            if spec.items is None or items is not None:
                log, report = build_interactions(table, schema, items, spec.bad_rows)
                logs.append(log)
                reports.append(report)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    if any(log.separators != logs[0].separators for log in logs):
        raise InputError(_mixed_lists(spec))
    return logs, reports


def _mixed_lists(spec: FileSpec) -> Problem:
    return Problem(
        what="the parts write lists of values in different ways",
        where=f"{spec.train}, {spec.valid}, {spec.test}",
        got="lists in one file, text with separators in another",
        expected="parts that were written alike",
        remedy="Write all three in the same format.",
    )


def _summed(reports: Iterable[ReadReport]) -> ReadReport:
    told = list(reports)
    return ReadReport(
        read=sum(report.read for report in told),
        kept=sum(report.kept for report in told),
        problems=tuple(dict.fromkeys(p for report in told for p in report.problems)),
    )
