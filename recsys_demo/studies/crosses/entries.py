"""The crosses a person keeps: named, ordered, switched on or off. Every change is a new list."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from recsys_demo.data.schema import Schema
from recsys_demo.errors import InputError, excerpt
from recsys_demo.features.crosses import Cross, parse_cross
from recsys_demo.limits import Limits
from recsys_demo.values import Frozen


class CrossEntry(Frozen):
    """One cross of the list. Models see it while it is on."""

    text: str = Field(min_length=1, max_length=500, description="definition")
    name: str = Field("", max_length=60, description="what a person calls it")
    on: bool = Field(True, description="whether models see it")

    @property
    def label(self) -> str:
        """The name if it has one, else the definition."""
        return self.name or self.text


Entries = tuple[CrossEntry, ...]


def entries_of(texts: Sequence[str]) -> Entries:
    """A list of nameless crosses that are on."""
    return tuple(CrossEntry(text=text) for text in texts)


def active(entries: Entries) -> tuple[str, ...]:
    """Definitions of the crosses that are on, in order."""
    return tuple(entry.text for entry in entries if entry.on)


def added(
    entries: Entries, text: str, schema: Schema, name: str = "", limits: Limits | None = None
) -> Entries:
    """With this cross at the end. Raises InputError if it cannot be read, is there already, or
    the list is full."""
    limits = limits or Limits.from_environment()
    cross = parse_cross(text, schema, limits)
    if is_there(entries, cross, schema, limits):
        raise _refused("this cross is in the list already", str(cross), "Switch it on there.")
    if len(entries) >= limits.crosses:
        raise _refused(
            f"the list is full with {limits.crosses} crosses", str(cross), "Delete one first."
        )
    return (*entries, CrossEntry(text=str(cross), name=name.strip()))


def is_there(entries: Entries, cross: Cross, schema: Schema, limits: Limits) -> bool:
    """Whether the list has this cross, its parts in whatever order."""
    return any(_same(entry.text, cross, schema, limits) for entry in entries)


def switched_on(entries: Entries, cross: Cross, schema: Schema, limits: Limits) -> Entries:
    """With this cross on, at its place or at the end. Raises InputError if the list is full."""
    for index, entry in enumerate(entries):
        if _same(entry.text, cross, schema, limits):
            return switched(entries, index, on=True)
    return added(entries, str(cross), schema, limits=limits)


def without_cross(texts: Sequence[str], text: str, schema: Schema) -> tuple[str, ...]:
    """The definitions without those of this cross. Raises InputError if it cannot be read."""
    limits = Limits.from_environment()
    cross = parse_cross(text, schema, limits)
    return tuple(other for other in texts if not _same(other, cross, schema, limits))


def removed(entries: Entries, index: int) -> Entries:
    """Without the cross at this place."""
    return entries[:index] + entries[index + 1 :]


def moved(entries: Entries, index: int, by: int) -> Entries:
    """With the cross at this place `by` places further down, as far as the list goes."""
    rest = list(removed(entries, index))
    rest.insert(min(max(index + by, 0), len(rest)), entries[index])
    return tuple(rest)


def renamed(entries: Entries, index: int, name: str) -> Entries:
    """With another name at this place; an empty one takes the name away."""
    return _with(entries, index, entries[index].model_copy(update={"name": name.strip()[:60]}))


def switched(entries: Entries, index: int, on: bool) -> Entries:
    """With the cross at this place on or off."""
    return _with(entries, index, entries[index].model_copy(update={"on": on}))


def _same(text: str, cross: Cross, schema: Schema, limits: Limits) -> bool:
    """Whether a definition has the same parts, in whatever order."""
    try:
        return set(parse_cross(text, schema, limits).parts) == set(cross.parts)
    except InputError:
        return False  # it was written for another log


def _with(entries: Entries, index: int, entry: CrossEntry) -> Entries:
    return (*entries[:index], entry, *entries[index + 1 :])


def _refused(what: str, text: str, remedy: str) -> InputError:
    return InputError.of(
        what=what, where="crosses", got=excerpt(text), expected="a new cross", remedy=remedy
    )
