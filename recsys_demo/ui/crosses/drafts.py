"""The cross being built: clicks and text are two forms of one value, each follows the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError
from recsys_demo.features.crosses import Cross, Part, parse_cross, quoted
from recsys_demo.limits import Limits

Values = Mapping[str, Sequence[str]]


def cross_text(fields: Sequence[str], values: Values, before: Cross | None) -> str:
    """Text of the cross with these fields, and of a field with values those conditions.

    Fields that were there before keep their places; new ones come last.
    """
    earlier = before.fields if before is not None else ()
    order = [name for name in earlier if name in fields]
    order += [name for name in fields if name not in order]
    parts: list[Part] = []
    for name in order:
        conditions = [Part(name, value) for value in values.get(name, ())]
        parts += conditions or [Part(name)]
    return str(Cross(tuple(parts))) if parts else ""


def fields_and_values(cross: Cross) -> tuple[list[str], dict[str, list[str]]]:
    """The fields of a cross and, of those with conditions, the values."""
    values: dict[str, list[str]] = {}
    for part in cross.parts:
        if part.value is not None:
            values.setdefault(part.field, []).append(part.value)
    return list(cross.fields), values


def read(text: str, schema: Schema, limits: Limits) -> Cross | InputError | None:
    """The cross a text says, what is wrong with it, or None while there is only one field yet."""
    if not text.strip() or text in {quoted(name) for name in schema.fields}:
        return None
    try:
        return parse_cross(text, schema, limits)
    except InputError as error:
        if _one_condition(text, schema, limits):
            return None
        return error


def _one_condition(text: str, schema: Schema, limits: Limits) -> bool:
    """Whether the text is a single good part: with any other field it would be a cross."""
    for name in schema.fields:
        try:
            cross = parse_cross(f"{text} & {quoted(name)}", schema, limits)
        except InputError:
            continue
        return len(cross.parts) == 2
    return False
