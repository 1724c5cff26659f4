"""Slices of a person's own, as text: `app = Pandora & age >= 30 & installed = Netflix`."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.cells import cell_values
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Kind, Schema
from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.evaluation.slices import Mask

MOST_CHARACTERS = 1000
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
_WORD = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^"&=<>!\s]+(?:\s+[^"&=<>!\s]+)*))\s*')
_OPERATOR = re.compile(r"<=|>=|!=|=|<|>")
_REMEDY = (
    'Write for example: app = Pandora & age >= 30. Put "" around what contains & = < > ! or '
    "blanks at its ends."
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
        return f"{_quoted(self.column)} {self.operator} {_quoted(_written(self.value))}"


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
    if len(text) > MOST_CHARACTERS:
        _refuse(text, 0, "the condition is too long", f"at most {MOST_CHARACTERS:,} characters")
    kinds = columns(schema)
    terms: list[Term] = []
    at = 0
    while True:
        term, at = _term(text, at, kinds)
        terms.append(term)
        if len(terms) > MOST_TERMS:
            _refuse(text, term.at, "too many comparisons", f"at most {MOST_TERMS} joined by &")
        if at == len(text):
            return Condition(tuple(terms), text)
        if text[at] != "&":
            _refuse(text, at, "two comparisons are not joined", "& between them")
        at += 1


def columns(schema: Schema) -> dict[str, Kind]:
    """What a condition may name, with its kind."""
    kinds: dict[str, Kind] = {name: field.kind for name, field in schema.fields.items()}
    for role in (schema.user, schema.item):
        if role is not None:
            kinds.setdefault(role, "categorical")
    return kinds


def _term(text: str, at: int, kinds: Mapping[str, Kind]) -> tuple[Term, int]:
    start = _past_blanks(text, at)
    column, at = _word(text, at, "a column name is missing")
    if column not in kinds:
        close = difflib.get_close_matches(column, kinds, 1)
        hint = f"Did you mean {shown(close[0])}?" if close else "Correct the name."
        names = ", ".join(shown(name) for name in kinds)
        _refuse(text, start, "no column has this name", f"one of {names}", hint)
    found = _OPERATOR.match(text, at)
    if found is None:
        _refuse(text, at, "a comparison is missing", "one of " + " ".join(OPERATORS))
    if kinds[column] != "numeric" and found[0] not in ("=", "!="):
        what = f"{shown(column)} is no number, so it has no order"
        _refuse(text, at, what, "= or !=")
    value_at = _past_blanks(text, found.end())
    word, at = _word(text, found.end(), f"a value is missing after {found[0]}")
    value = _number(text, value_at, word, found[0]) if kinds[column] == "numeric" else word
    return Term(column, found[0], value, start), at


def _word(text: str, at: int, what: str) -> tuple[str, int]:
    word = _WORD.match(text, at)
    if word is None:
        at = _past_blanks(text, at)
        if text[at : at + 1] == '"':
            what = "a quote is opened and never closed"
        _refuse(text, at, what, 'a name or value, in "" where needed')
    plain = word[2] if word[1] is None else re.sub(r"\\(.)", r"\1", word[1], flags=re.DOTALL)
    return plain, word.end()


def _number(text: str, at: int, word: str, compared: str) -> float | None:
    if word == "" and compared in ("=", "!="):
        return None
    try:
        number = float(word)
    except ValueError:
        number = np.nan
    if not np.isfinite(number):
        _refuse(text, at, "the column is numeric, the value is not", "a number such as 30 or -0.5")
    return number


def _past_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


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
    close = difflib.get_close_matches(str(term.value), values[:20_000], 3, cutoff=0.5)
    some = ", ".join(shown(value) for value in (close or values[:3])) or "none at all"
    remedy = f"Did you mean {shown(close[0])}?" if close else "Correct the value, capitals count."
    raise InputError(
        Problem(
            what=f"no row has this value in {shown(term.column)}",
            where=f"condition {shown(text)}, character {term.at + 1}",
            got=shown(term.value),
            expected=f"a value of these rows such as {some}",
            remedy=remedy,
        )
    )


def _refuse(text: str, at: int, what: str, expected: str, remedy: str = _REMEDY) -> NoReturn:
    piece = text[at:].strip()
    raise InputError(
        Problem(
            what=what,
            where=f"condition {shown(text)}, character {at + 1}",
            got=shown(piece) if piece else "the end of the text",
            expected=expected,
            remedy=remedy,
        )
    )


def _written(value: str | float | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(value).removesuffix(".0")


def _quoted(word: str) -> str:
    found = _WORD.fullmatch(word)
    if found is not None and found[2] == word:
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
