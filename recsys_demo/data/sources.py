"""The log that a source names, read and cut in parts: every source ends as one `Dataset`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from recsys_demo.data.allowed_folders import reachable
from recsys_demo.data.archive import read_tables
from recsys_demo.data.fingerprints import fingerprint
from recsys_demo.data.frappe import read_frappe
from recsys_demo.data.interactions import Interactions, ReadReport, build_interactions, concatenate
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.movielens import read_movielens
from recsys_demo.data.negatives import sample_negatives
from recsys_demo.data.planted.files import SHIPPED, read_sample
from recsys_demo.data.planted.sample import SCHEMA as SAMPLE_SCHEMA
from recsys_demo.data.planted.sample import World, WorldConfig, make_world
from recsys_demo.data.reading import read_table
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import DataSpec, FileSpec, FrappeSpec, MovieLensSpec, SampleSpec
from recsys_demo.data.splits import Split, SplitConfig, check_parts, split
from recsys_demo.errors import InputError, Problem


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
