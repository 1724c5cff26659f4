"""Crosses as text: `installed x app`, `installed=Netflix & app=Pandora`, `gender=f x category`.

A cross is two or more parts; a part is a field (all its values) or a condition field=value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from recsys_demo.data.schema import Field, Schema
from recsys_demo.data.tokens import Grammar, Token
from recsys_demo.errors import InputError, Problem, did_you_mean, excerpt, nearest
from recsys_demo.features.vocabulary import MISSING
from recsys_demo.limits import Limits

_EXAMPLES = "field names joined by x, or conditions field=value joined by &"
_GRAMMAR = Grammar(
    noun="cross",
    signs=("&", "×", "="),
    joiner="x",
    most_characters=20_000,
    remedy='Write for example: installed x app, or: gender=female & language=en. Put "" around '
    "names that contain & = or x.",
)
quoted = _GRAMMAR.written  # a name as it must be written in a definition


@dataclass(frozen=True)
class Part:
    """A field, or with a value the condition that the field has it."""

    field: str
    value: str | None = None

    def __str__(self) -> str:
        name = quoted(self.field)
        return name if self.value is None else f"{name}={quoted(self.value)}"


@dataclass(frozen=True)
class Cross:
    """AND over its parts: phi(x) = 1 if all hold (W&D, equation 1)."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        text = str(self.parts[0])
        for part in self.parts[1:]:
            text += (" x " if part.value is None else " & ") + str(part)
        return text

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field named, each once."""
        return tuple(dict.fromkeys(part.field for part in self.parts))


def parse_cross(text: str, schema: Schema, limits: Limits | None = None) -> Cross:
    """Read a definition. Raises InputError that points at the offending piece."""
    limits = limits or Limits.from_environment()
    cross = Cross(tuple(_parts(text)))
    problems = list(_problems(cross, text, schema, limits))
    if problems:
        raise InputError(problems)
    return cross


def parse_crosses(
    texts: Iterable[str], schema: Schema, limits: Limits | None = None
) -> tuple[Cross, ...]:
    """Read several definitions; raises InputError with the problems of all of them."""
    limits = limits or Limits.from_environment()
    crosses: dict[Cross, None] = {}
    problems: list[Problem] = []
    different = dict.fromkeys(texts)
    if len(different) > limits.crosses:
        raise InputError(_too_many(len(different), limits))
    for text in different:
        try:
            crosses.setdefault(parse_cross(text, schema, limits))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(crosses)


def _too_many(count: int, limits: Limits) -> Problem:
    return Problem(
        what="too many crosses",
        where="crosses",
        got=f"{count}",
        expected=f"at most {limits.crosses}",
        remedy="Leave some out, or raise the limit (docs/settings.md).",
    )


def _parts(text: str) -> Iterator[Part]:
    tokens = iter(_GRAMMAR.tokens(text))
    while True:
        field = _name(next(tokens), text, "a field is missing")
        sign, value = next(tokens), None
        if sign.text == "=" and sign.kind == "sign":
            value = _name(next(tokens), text, "a value is missing after =")
            sign = next(tokens)
        yield Part(field, value)
        if sign.kind == "end":
            return
        if sign.kind != "sign" or sign.text == "=":
            raise _GRAMMAR.refused(text, sign.at, "two parts are not joined", _EXAMPLES)


def _name(token: Token, text: str, what: str) -> str:
    # An empty name in quotes is a value that a condition can ask for: the cell is empty.
    return _GRAMMAR.name(token, text, what, _EXAMPLES).text


def _problems(cross: Cross, text: str, schema: Schema, limits: Limits) -> Iterable[Problem]:
    where = f"cross {excerpt(text)}"
    if len(cross.parts) > limits.cross_order:
        yield Problem(
            what="the cross has too many parts",
            where=where,
            got=f"{len(cross.parts)} parts",
            expected=f"at most {limits.cross_order}",
            remedy="Leave some out: high orders occur too rarely to learn from.",
        )
        return
    if len(cross.parts) < 2:
        yield Problem(
            what="a cross needs at least two parts",
            where=where,
            got="one",
            expected=_EXAMPLES,
            remedy="Add a field. A single field is already in the linear part.",
        )
    for index, part in enumerate(cross.parts):
        if part.value == MISSING and schema.fields.get(part.field, Field()).kind != "categorical":
            yield Problem(
                what="only a categorical field has a value for empty cells",
                where=where,
                got=f"{excerpt(part.field)} with an empty value",
                expected="a value",
                remedy="Write a value after =.",
            )
        if part.field not in schema.fields:
            yield Problem(
                what="the cross names an unknown field",
                where=where,
                got=excerpt(part.field),
                expected="one of " + ", ".join(excerpt(name) for name in schema.fields),
                remedy=did_you_mean(nearest(part.field, schema.fields), "Correct the name."),
            )
        elif _repeats(cross, index, schema):
            yield Problem(
                what="the cross names a field twice",
                where=where,
                got=excerpt(part.field),
                expected="each field once; only a multi-valued field can meet two conditions",
                remedy="Delete one of the two.",
            )


def _repeats(cross: Cross, index: int, schema: Schema) -> bool:
    part = cross.parts[index]
    for earlier in cross.parts[:index]:
        if earlier.field == part.field:
            both = earlier.value is not None and part.value is not None
            if not (both and schema.fields[part.field].kind == "multi") or earlier == part:
                return True
    return False
