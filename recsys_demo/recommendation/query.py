"""Whom a list is made for: a user's and a context's fields, as a person can give them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.data.column_formats import PLAIN_NUMBER
from recsys_demo.data.numbers import MISSING_NUMBERS, number_text
from recsys_demo.data.schema import Field, Schema
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.features.vocabulary import UNKNOWN

# A text of a categorical field, the values of a multi-valued one, a number; None: not known.
Value = str | tuple[str, ...] | float | None
USER = "user"  # how a query names its user, whatever the log calls that column


@dataclass(frozen=True)
class Query:
    """A value for every user and context field, in the schema's order. `user` is the user it
    started from, whether or not users are a field of the model."""

    values: tuple[tuple[str, Value], ...]
    user: str | None = None

    def get(self, field: str) -> Value:
        """The value of a field, None where it is not known."""
        return dict(self.values).get(field)

    def changed(self, field: str, value: Value) -> Query:
        """This query with another value of one field."""
        pairs = [(name, value if name == field else old) for name, old in self.values]
        return Query(tuple(pairs), self.user)

    def to_json(self) -> dict[str, Any]:
        """As `--query` takes it."""
        values = {n: list(v) if isinstance(v, tuple) else v for n, v in self.values}
        return values if self.user is None else {USER: self.user, **values}


def query_fields(schema: Schema) -> list[str]:
    """The fields a query gives: all but those of what is shown."""
    return [name for name, field in schema.fields.items() if field.side != "item"]


def read_query(
    given: Mapping[str, Any], fields: FieldEncoder, known: pd.DataFrame, where: str = "query"
) -> Query:
    """The query a person describes: a known user's fields, replaced by what is given.

    `known` are a run's queries. A value may be anything, for what training did not have counts as
    unknown. Raises InputError with everything that is no field or of the wrong kind.
    """
    schema = fields.schema
    names = query_fields(schema)
    user_names = {schema.user or USER} | ({USER} if USER not in schema.fields else set())
    unknown = [name for name in given if name not in names and name not in user_names]
    problems = [_unknown_field(name, schema, [*sorted(user_names), *names]) for name in unknown]
    user = next((given[name] for name in user_names if given.get(name) is not None), None)
    if isinstance(user, dict | list | float | bool):
        problems.append(_wrong(where, "user", user, "the user's name"))
        user = None
    values = _of_user(None if user is None else str(user), fields, known)
    for name in names:
        if name in given and name not in user_names:
            try:
                values[name] = _value(given[name], schema.fields[name], _separator(fields, name))
            except ValueError as error:
                problems.append(_wrong(where, name, given[name], str(error)))
    if problems:
        raise InputError(problems)
    return Query(tuple(values.items()), None if user is None else str(user))


def parse_query(text: str) -> dict[str, Any]:
    """The JSON object of `--query`. Raises InputError."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(_no_object(text, f"{excerpt(text)} ({error})")) from None
    if not isinstance(content, dict):
        raise InputError(_no_object(text, excerpt(text)))
    return content


def is_known(user: str, known: pd.DataFrame) -> bool:
    """Whether the run knows this user's fields."""
    names = known.index
    # An index of texts is looked up by its own hash table, which it keeps.
    return user in (names if pd.api.types.is_string_dtype(names) else names.astype("str"))


def unknown_values(
    query: Query, given: Iterable[str], fields: FieldEncoder
) -> Iterator[tuple[str, str]]:
    """Given fields with a value that training rows did not have; the user is another question."""
    for name, value in query.values:
        vocabulary = fields.vocabularies.get(name)
        if vocabulary is not None and name in given and name != fields.schema.user:
            values = value if isinstance(value, tuple) else (value,)
            asked = [str(one) for one in values if one is not None]
            yield from ((name, one) for one in asked if vocabulary.code_of(one) == UNKNOWN)


def query_frame(query: Query, fields: FieldEncoder) -> pd.DataFrame:
    """The query as one row, a column per user and context field."""
    columns: dict[str, pd.Series] = {}
    for name, value in query.values:
        if fields.schema.fields[name].kind == "numeric":
            columns[name] = pd.Series([math.nan if value is None else value], dtype="float64")
            continue
        cell = _separator(fields, name).join(value) if isinstance(value, tuple) else value
        columns[name] = pd.Series(pd.Categorical([cell if cell else None]))
    return pd.DataFrame(columns, index=range(1))


def _of_user(user: str | None, fields: FieldEncoder, known: pd.DataFrame) -> dict[str, Value]:
    schema = fields.schema
    names = query_fields(schema)
    values: dict[str, Value] = {n: () if _is_multi(schema, n) else None for n in names}
    if user is None:
        return values
    if schema.user in values:
        values[schema.user] = user
    at = known.index.astype("str").get_indexer(pd.Index([user]))[0]
    if at >= 0:
        for name in names:
            if name in known.columns:
                cell = known[name].iloc[at]
                values[name] = _value(cell, schema.fields[name], _separator(fields, name))
    return values


def _value(given: Any, field: Field, separator: str) -> Value:
    """Raises ValueError with what was expected."""
    missing = given is None or (isinstance(given, float) and math.isnan(given))
    if field.kind == "multi":
        if missing:
            return ()
        if isinstance(given, list | tuple):
            if not all(isinstance(value, str | int) for value in given):
                raise ValueError("a list of names")
            # What holds the separator is several values to every reader of the log.
            given = separator.join(str(value) for value in given)
        if not isinstance(given, str):
            raise ValueError("a list of names, or one text with separators")
        return tuple(cell_values(given, separator))
    if missing:
        return None
    if field.kind == "numeric":
        return _number(given)
    if isinstance(given, bool):
        return str(given).lower()
    if not isinstance(given, str | int | float):
        raise ValueError("a text")
    if isinstance(given, float):
        return number_text(str(given), PLAIN_NUMBER)  # as readers of a log write 9.0
    return str(given) or None


def _number(given: Any) -> float | None:
    if isinstance(given, str) and given.strip().lower() in MISSING_NUMBERS:
        return None
    try:
        number = float(given) if not isinstance(given, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("a number")
    return number


def _separator(fields: FieldEncoder, name: str) -> str:
    vocabulary = fields.vocabularies.get(name)
    return vocabulary.separator if vocabulary is not None else "|"


def _is_multi(schema: Schema, name: str) -> bool:
    return schema.fields[name].kind == "multi"


def _unknown_field(name: str, schema: Schema, names: Iterable[str]) -> Problem:
    is_item = name == schema.item or name in schema.of_side("item")
    return Problem(
        what="an item's field is no part of a query" if is_item else "the query has no such field",
        where="query",
        got=excerpt(name),
        expected="some of " + ", ".join(excerpt(n) for n in dict.fromkeys(names)),
        remedy="Leave it out: every item of the catalogue is scored."
        if is_item
        else "Correct the name.",
    )


def _wrong(where: str, name: str, got: object, expected: str) -> Problem:
    return Problem(
        what="the value does not fit the field",
        where=f"{where}, field {excerpt(name)}",
        got=excerpt(repr(got)),
        expected=expected,
        remedy="Correct the value, or leave the field out: then it is not known.",
    )


def _no_object(text: str, got: str) -> Problem:
    return Problem(
        what="the query is not a JSON object",
        where="--query",
        got=got if text.strip() else "nothing",
        expected='an object such as {"user": "u17", "hour": "evening"}',
        remedy="Put the whole object into single quotes in a shell.",
    )
