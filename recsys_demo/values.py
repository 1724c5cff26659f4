"""Validated values that never change: what every configuration, choice and state of the lab is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from recsys_demo.errors import InputError, Problem, excerpt

M = TypeVar("M", bound=BaseModel)


class Frozen(BaseModel):
    """A validated value that never changes; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def validated(model: type[M], content: object, where: str) -> M:
    """`content` as a `model`. Raises InputError that lists every problem with its place."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise InputError(validation_problems(error, where)) from None


def validation_problems(error: ValidationError, where: str) -> Iterable[Problem]:
    """pydantic's findings in the lab's form."""
    details = error.errors(include_url=False)
    places = [detail["loc"] for detail in details]
    for detail in details:
        inside = len(detail["loc"])
        if any(len(loc) > inside and loc[:inside] == detail["loc"] for loc in places):
            continue  # it is wrong because of what is wrong inside it
        place = ".".join(str(part) for part in detail["loc"])
        got = detail["input"]
        yield Problem(
            what=detail["msg"].removeprefix("Value error, "),
            where=f"{where}, {place}" if place else where,
            got=excerpt(got) if isinstance(got, str | int | float) else excerpt(_as_text(got)),
            expected=_expectation(detail["type"], detail.get("ctx", {})),
            remedy="Correct this setting.",
        )


def _as_text(value: object) -> str:
    try:
        return repr(value)
    except RecursionError:
        return "something deeply nested"


def digest(value: Frozen) -> str:
    """A name for a value: equal values, and only they, have equal digests."""
    text = json.dumps(value.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _expectation(kind: str, context: dict[str, Any]) -> str:
    if "expected" in context:
        return str(context["expected"])
    for key, words in (
        ("ge", "at least"),
        ("gt", "more than"),
        ("le", "at most"),
        ("lt", "less than"),
    ):
        if key in context:
            return f"{words} {context[key]}"
    if kind == "missing":
        return "a value"
    if kind in ("tuple_type", "list_type"):
        return "a list"
    if kind == "extra_forbidden":
        return "no such setting"
    return "the value described above"
