"""Files that a person gives, read with a guess of what their columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recsys_demo.data.archive import tables_of
from recsys_demo.data.guessing.headers import guess_header
from recsys_demo.data.guessing.schemas import Guess, guess_schema
from recsys_demo.data.interactions import build_interactions
from recsys_demo.data.item_tables import log_and_items
from recsys_demo.data.leaks import leaks, without_leaks
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem
from recsys_demo.limits import Limits

Given = list[tuple[str, bytes]]  # names and contents


@dataclass(frozen=True)
class Reading:
    """Files as they were read, the names of the log's columns where its first line does not say
    them, and what is guessed of all: a schema, or why there is none."""

    log: RawTable
    items: RawTable | None
    header: tuple[str, ...]
    guess: Guess | None
    problems: tuple[Problem, ...] = ()


def read_given(
    given: Given, limits: Limits, header: Sequence[str] = ()
) -> tuple[RawTable, RawTable | None]:
    """The log and, from other files or an archive, the items; what describes the users is part of
    the log. `header` names the columns of the first file. Raises InputError."""
    tables: list[RawTable] = []
    for name, content in given:
        tables += tables_of(content, name, limits, () if tables else header)
    log = max(tables, key=lambda table: len(table.frame))
    return log_and_items(tables, _likely_user(log) if len(tables) > 1 else None)


def _likely_user(log: RawTable) -> str | None:
    """The column that seems to say for whom each row is; None where nothing can be guessed."""
    try:
        return guess_schema(log).schema.user
    except InputError:
        return None


def reading_of(given: Given, limits: Limits, header: tuple[str, ...] = ()) -> Reading:
    """What `read_given` reads, with a guess of what it means. Raises InputError where the files
    cannot be read."""
    log, items = read_given(given, limits, header)
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
