"""Crosses as text: `installed x app`, `installed=Netflix & app=Pandora`, `gender=f x category`.

A cross is two or more parts; a part is a field (all its values) or a condition field=value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from recsys_demo.data.schema import Field, Schema
from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.features.vocabulary import MISSING
from recsys_demo.limits import Limits

_TOKEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^"&×=]+?)(?=\s*(?:[&×=]|\s[xX]\s|$)))')
_SEPARATOR = re.compile(r"\s*(?:[&×]|(?<=\s)[xX](?=\s))\s*")
_PLAIN = re.compile(r'[^"&×=\s\\]+(?: [^"&×=\s\\]+)*')
_EXAMPLES = "field names joined by x, or conditions field=value joined by &"


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


def quoted(name: str) -> str:
    """A name as it must be written in a definition."""
    plain = _PLAIN.fullmatch(name) and not re.search(r"(^|\s)[xX](\s|$)", name)
    return name if plain else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_cross(text: str, schema: Schema, limits: Limits | None = None) -> Cross:
    """Read a definition. Raises InputError that points at the offending piece."""
    limits = limits or Limits.from_environment()
    parts: list[Part] = []
    at = 0
    while True:
        part, at = _part(text, at)
        parts.append(part)
        if not text[at:].strip():
            break
        separator = _SEPARATOR.match(text, at)
        if separator is None:
            raise _refused(text, at, "two parts are not joined", _EXAMPLES)
        at = separator.end()
    cross = Cross(tuple(parts))
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
    for text in texts:
        try:
            crosses.setdefault(parse_cross(text, schema, limits))
        except InputError as error:
            problems += error.problems
    if len(crosses) > limits.crosses:
        problems.append(
            Problem(
                what="too many crosses",
                where="crosses",
                got=f"{len(crosses)}",
                expected=f"at most {limits.crosses}",
                remedy="Leave some out, or raise the limit (README, Limits).",
            )
        )
    if problems:
        raise InputError(problems)
    return tuple(crosses)


def _part(text: str, at: int) -> tuple[Part, int]:
    field, at = _name(text, at, "a field is missing")
    rest = re.compile(r"\s*=").match(text, at)
    if rest is None:
        return Part(field), at
    value, at = _name(text, rest.end(), "a value is missing after =")
    return Part(field, value), at


def _name(text: str, at: int, what: str) -> tuple[str, int]:
    token = _TOKEN.match(text, at)
    # An empty name in quotes is a value that a condition can ask for: the cell is empty.
    if token is None or (token[1] is None and not token[2].strip()):
        if text[at:].lstrip()[:1] == '"':
            what = "a quote is opened and never closed"
        raise _refused(text, at, what, _EXAMPLES)
    if token[1] is not None:
        return re.sub(r"\\(.)", r"\1", token[1]), token.end()
    return token[2].strip(), token.end()


def _refused(text: str, at: int, what: str, expected: str) -> InputError:
    piece = text[at:].strip()
    return InputError(
        Problem(
            what=what,
            where=f"cross {shown(text)}, character {at + 1}",
            got=shown(piece) if piece else "the end of the text",
            expected=expected,
            remedy='Write for example: installed x app, or: gender=female & language=en. Put "" '
            "around names that contain & = or x.",
        )
    )


def _problems(cross: Cross, text: str, schema: Schema, limits: Limits) -> Iterable[Problem]:
    where = f"cross {shown(text)}"
    if len(cross.parts) < 2:
        yield Problem(
            what="a cross needs at least two parts",
            where=where,
            got="one",
            expected=_EXAMPLES,
            remedy="Add a field. A single field is already in the linear part.",
        )
    if len(cross.parts) > limits.cross_order:
        yield Problem(
            what="the cross has too many parts",
            where=where,
            got=f"{len(cross.parts)} parts",
            expected=f"at most {limits.cross_order}",
            remedy="Leave some out: high orders occur too rarely to learn from.",
        )
    for index, part in enumerate(cross.parts):
        if part.value == MISSING and schema.fields.get(part.field, Field()).kind != "categorical":
            yield Problem(
                what="only a categorical field has a value for empty cells",
                where=where,
                got=f"{shown(part.field)} with an empty value",
                expected="a value",
                remedy="Write a value after =.",
            )
        if part.field not in schema.fields:
            yield Problem(
                what="the cross names an unknown field",
                where=where,
                got=shown(part.field),
                expected="one of " + ", ".join(shown(name) for name in schema.fields),
                remedy="Correct the name.",
            )
        elif _repeats(cross, index, schema):
            yield Problem(
                what="the cross names a field twice",
                where=where,
                got=shown(part.field),
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
