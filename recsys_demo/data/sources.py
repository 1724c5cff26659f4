"""The log that a source names, read and cut in parts: every source ends as one `Dataset`.

What is read is kept by its content, once for everybody in the process: when a file changes, it is
read again under its new fingerprint.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from recsys_demo.data.cache import Cache
from recsys_demo.data.interactions import Interactions, ReadReport
from recsys_demo.data.leaks import item_notes
from recsys_demo.data.planted.sample import World
from recsys_demo.data.relations import match_notes, unseen_notes
from recsys_demo.data.schema import Schema
from recsys_demo.data.source import Source, WholeLog
from recsys_demo.data.splits import SplitConfig, split
from recsys_demo.errors import InputError, excerpt

KEPT_DATASETS, KEPT_LOGS, KEPT_SCHEMAS = 3, 3, 64
TRIES = 3

T = TypeVar("T")
# How a log is read, as `do(function, *arguments)`: a server does it in a process with bounds.
Do = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A log in its parts.

    `report` tells what was read, before negatives were sampled. `world` knows the truth of a
    sample set and is None for any other log. `in_parts`: each part is a file of its own, so that
    `rows` begin anew in each.
    """

    name: str
    train: Interactions
    valid: Interactions
    test: Interactions
    withheld: int
    report: ReadReport
    fingerprint: str
    world: World | None = None
    in_parts: bool = False

    @property
    def schema(self) -> Schema:
        """The schema of every part."""
        return self.train.schema


_DATASETS: Cache[Dataset] = Cache(KEPT_DATASETS)
_LOGS: Cache[WholeLog] = Cache(KEPT_LOGS)
_SCHEMAS: Cache[Schema] = Cache(KEPT_SCHEMAS)


def call_here(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Do it in this process."""
    return function(*args, **kwargs)


def load(spec: Source, config: SplitConfig, do: Do = call_here) -> Dataset:
    """The log cut in parts; files given in parts stay as they were cut. Raises InputError."""
    found = _of_content(_DATASETS, spec, config, lambda mark: _loaded(spec, config, mark, do))
    # The same content may have come under another name.
    return found if found.name == spec.name else replace(found, name=spec.name)


def is_at_hand(spec: Source, config: SplitConfig | None = None) -> bool:
    """Whether `load`, or without a split `read_log`, need not read anything. Raises InputError."""
    return spec.fingerprint(config) in (_LOGS if config is None else _DATASETS)


def read_log(spec: Source, do: Do = call_here) -> WholeLog:
    """The whole log of a source, negatives included. Raises InputError."""
    return _of_content(_LOGS, spec, None, lambda _: _whole(spec, do))


def schema_of_source(spec: Source, do: Do = call_here) -> Schema:
    """What the columns of a source mean, as cheaply as it can be known. Raises InputError."""
    known = spec.known_schema()
    if known is not None:
        return known
    return _of_content(_SCHEMAS, spec, None, lambda _: _schema(spec, do))


def _of_content(
    cache: Cache[T], spec: Source, config: SplitConfig | None, make: Callable[[str], T]
) -> T:
    """What `make` makes of the files as they are, kept under their fingerprint: never what was read
    while they were being written."""
    mark = spec.fingerprint(config)
    if (kept := cache.peek(mark)) is not None:
        return kept
    for _ in range(TRIES):
        before, value = mark, cache.get(mark, partial(make, mark))
        mark = spec.fingerprint(config)
        if mark == before:
            return value
        cache.forget(before)
    raise InputError.of(
        what="the file changes while it is read",
        where=excerpt(spec.name),
        got="other content after reading than before, several times",
        expected="a file that nobody is writing",
        remedy="Wait until it is written, or bring a copy of it.",
    )


def _whole(spec: Source, do: Do) -> WholeLog:
    found: WholeLog = do(type(spec).read, spec)
    return found


def _schema(spec: Source, do: Do) -> Schema:
    found: Schema = do(_read_schema, spec)
    return found


def _read_schema(spec: Source) -> Schema:
    return spec.read().log.schema


def _loaded(spec: Source, config: SplitConfig, mark: str, do: Do) -> Dataset:
    if (whole := _LOGS.peek(spec.fingerprint())) is not None:
        return _cut(spec, config, mark, whole)
    found: Dataset = do(_cut, spec, config, mark)
    return found


def _cut(spec: Source, config: SplitConfig, mark: str, whole: WholeLog | None = None) -> Dataset:
    found = whole or spec.read()
    parts = found.parts or split(found.log, config)
    notes = [*item_notes(found.log), *parts.notes]
    by_name = {"train": parts.train, "valid": parts.valid, "test": parts.test}
    notes += unseen_notes(by_name)
    # Parts from files of their own may write the same user in two ways: told from the first one on.
    notes += match_notes(by_name) if found.parts is None else match_notes(by_name, 0.0)
    return Dataset(
        name=spec.name,
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        withheld=parts.withheld,
        report=replace(found.report, notes=(*found.report.notes, *notes)),
        fingerprint=mark,
        world=found.world,
        in_parts=found.parts is not None,
    )
