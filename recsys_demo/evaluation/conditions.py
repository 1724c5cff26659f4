"""Slices of a person's own, as text: `app = Pandora & age >= 30 & installed = Netflix`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Kind, Schema
from recsys_demo.data.tokens import Grammar, Token
from recsys_demo.errors import InputError, Problem, did_you_mean, excerpt, nearest
from recsys_demo.evaluation.slices import Mask

MOST_TERMS = 20
OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "=": operator.eq,
        "!=": operator.ne,
        "<=": operator.le,
        ">=": operator.ge,
        "<": operator.lt,
        ">": operator.gt,
    }
)
_GRAMMAR = Grammar(
    noun="condition",
    signs=("<=", ">=", "!=", "=", "<", ">", "!", "&"),
    most_characters=1_000,
    remedy='Write for example: app = Pandora & age >= 30. Put "" around what contains '
    "& = < > ! or blanks at its ends.",
)


@dataclass(frozen=True)
class Term:
    """One comparison of a column with a value; `value` is a float for a numeric column, None for
    its missing cells. `at` is the 0-based character where the term starts."""

    column: str
    operator: str
    value: str | float | None
    at: int = 0

    def __str__(self) -> str:
        column, value = map(_GRAMMAR.written, (self.column, _written(self.value)))
        return f"{column} {self.operator} {value}"


@dataclass(frozen=True)
class Condition:
    """Rows for which every term holds.

    Meaning of a term: a categorical column is or is not the value, `""` being an empty cell. A
    multi-valued field has or has not the value among its values, `""` meaning that it has none.
    A number compares; a missing number satisfies no comparison with a number, not even `!=`,
    and `""` asks for missing (`=`) or known (`!=`) ones. Text is compared exactly, capitals too.
    """

    terms: tuple[Term, ...]
    text: str

    def __str__(self) -> str:
        return " & ".join(map(str, self.terms))

    def mask(self, part: Interactions) -> Mask:
        """Which rows of `part` it holds for, [rows].

        Raises InputError where a value stands in no row of the part (likely a slip of the pen).
        """
        holds = np.ones(len(part), dtype=bool)
        problems: list[Problem] = []
        for term in self.terms:
            try:
                holds &= _holds(term, part, self.text)
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)
        return holds


def parse_condition(text: str, schema: Schema) -> Condition:
    """Read a condition over fields, user and item. Raises InputError that points at the offending
    piece.

    What happened (label) and what is planted (truth) cannot be asked for: a slice chosen by the
    outcome has no honest metric.
    """
    kinds = columns(schema)
    tokens = iter(_GRAMMAR.tokens(text))
    terms: list[Term] = []
    while True:
        terms.append(_term(text, tokens, kinds))
        if len(terms) > MOST_TERMS:
            expected = f"at most {MOST_TERMS} joined by &"
            raise _GRAMMAR.refused(text, terms[-1].at, "too many comparisons", expected)
        joined = next(tokens)
        if joined.kind == "end":
            return Condition(tuple(terms), text)
        if (joined.kind, joined.text) != ("sign", "&"):
            what = "two comparisons are not joined"
            raise _GRAMMAR.refused(text, joined.at, what, "& between them")


def columns(schema: Schema) -> dict[str, Kind]:
    """What a condition may name, with its kind."""
    kinds: dict[str, Kind] = {name: field.kind for name, field in schema.fields.items()}
    for role in (schema.user, schema.item):
        if role is not None:
            kinds.setdefault(role, "categorical")
    return kinds


def _term(text: str, tokens: Iterator[Token], kinds: Mapping[str, Kind]) -> Term:
    column = _word(text, next(tokens), "a column name is missing")
    if column.text not in kinds:
        names = ", ".join(excerpt(name) for name in kinds)
        hint = did_you_mean(nearest(column.text, kinds), "Correct the name.")
        what = "no column has this name"
        raise _GRAMMAR.refused(text, column.at, what, f"one of {names}", hint)
    kind, sign = kinds[column.text], next(tokens)
    if sign.kind != "sign" or sign.text not in OPERATORS:
        expected = "one of " + " ".join(OPERATORS)
        raise _GRAMMAR.refused(text, sign.at, "a comparison is missing", expected)
    if kind != "numeric" and sign.text not in ("=", "!="):
        what = f"{excerpt(column.text)} is no number, so it has no order"
        raise _GRAMMAR.refused(text, sign.at, what, "= or !=")
    word = _word(text, next(tokens), f"a value is missing after {sign.text}")
    value = _number(text, word, sign.text) if kind == "numeric" else word.text
    return Term(column.text, sign.text, value, column.at)


def _word(text: str, token: Token, what: str) -> Token:
    return _GRAMMAR.name(token, text, what, 'a name or value, in "" where needed')


def _number(text: str, word: Token, compared: str) -> float | None:
    if word.text == "" and compared in ("=", "!="):
        return None
    try:
        number = float(word.text)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        what = "the column is numeric, the value is not"
        raise _GRAMMAR.refused(text, word.at, what, "a number such as 30 or -0.5")
    return number


def _holds(term: Term, part: Interactions, text: str) -> Mask:
    column = part.frame[term.column]
    field = part.schema.fields.get(term.column)
    if field is not None and field.kind == "numeric":
        return _number_holds(term, column.to_numpy(dtype=np.float64))
    multi = field is not None and field.kind == "multi"
    separator = part.separator(term.column) if multi else None
    has = _has_value(column, str(term.value), separator)
    if term.value and not has.any():
        _refuse_value(term, column, separator, text)
    return has if term.operator == "=" else ~has


def _number_holds(term: Term, numbers: npt.NDArray[np.float64]) -> Mask:
    known = ~np.isnan(numbers)
    if term.value is None:
        return known if term.operator == "!=" else ~known
    compared: Mask = OPERATORS[term.operator](numbers, term.value)
    return compared & known


def _has_value(column: pd.Series, value: str, separator: str | None) -> Mask:
    """Which cells are, or with a separator hold, the value; "" is the empty cell."""
    cells = column.cat.categories.astype("str")
    if separator is None:
        of_category = [cell == value for cell in cells]
    elif value == "":
        of_category = [not cell_values(cell, separator) for cell in cells]
    else:
        of_category = [value in cell_values(cell, separator) for cell in cells]
    # Code -1 is a missing cell: it takes the last entry.
    return np.array([*of_category, value == ""], dtype=bool)[column.cat.codes.to_numpy()]


def _refuse_value(term: Term, column: pd.Series, separator: str | None, text: str) -> NoReturn:
    there = column.cat.categories[np.unique(column.cat.codes[column.cat.codes >= 0])].astype("str")
    values = list(there)
    if separator is not None:
        values = sorted({value for cell in there for value in cell_values(cell, separator)})
    close = nearest(str(term.value), values)
    some = ", ".join(excerpt(value) for value in (close or values[:3])) or "none at all"
    raise InputError.of(
        what=f"no row has this value in {excerpt(term.column)}",
        where=f"condition {excerpt(text)}, character {term.at + 1}",
        got=excerpt(term.value),
        expected=f"a value of these rows such as {some}",
        remedy=did_you_mean(close, "Correct the value, capitals count."),
    )


def _written(value: str | float | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(value).removesuffix(".0")
