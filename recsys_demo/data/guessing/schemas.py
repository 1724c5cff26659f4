"""A first guess of what the columns of a stranger's file mean, for a person to correct."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_demo.data.columns import nameless_columns
from recsys_demo.data.evidence import formats_of
from recsys_demo.data.guessing.column_names import COUNTED_DEEDS, COUNTS, LABELS, plain_name
from recsys_demo.data.guessing.roles import Draft, guess_roles, label_settings
from recsys_demo.data.profiles import Profile, follows, profiles
from recsys_demo.data.schema import Field, Schema, Side
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.values import validated

# Words of names whose numbers only tell things apart.
CODES = {"id", "code", "zip", "zipcode", "postcode", "plz", "sku", "campaign"}
NUMBERED = {"no", "nr", "number", "nummer"}  # as the last word of several: invoice_no
FEW_NUMBERS = 10  # a number with fewer different values is as good as a category


@dataclass(frozen=True)
class Guess:
    """A schema that fits the file, and per column why it got its role, or none."""

    schema: Schema
    reasons: dict[str, str]


def guess_schema(raw: RawTable, items: RawTable | None = None) -> Guess:
    """Roles and kinds guessed from names and contents. Always a valid schema.

    Raises InputError where no column could be the item.
    """
    if len(raw.frame.columns) < 2:
        raise InputError(_one_column(raw))
    if nameless := [t for t in (raw, items) if t is not None and t.names == "missing"]:
        raise InputError(nameless_columns(table) for table in nameless)
    log = profiles(raw)
    described = {} if items is None else profiles(items)
    draft = Draft(log, described)
    guess_roles(draft, raw)
    fields = _fields(draft)
    content = {
        **draft.roles,
        "fields": fields,
        **label_settings(draft),
    }
    schema = validated(Schema, content, "guessed schema")
    formats = formats_of(schema, [raw], items)
    told = {name: form for name, form in formats.items() if not form.is_plain}
    return Guess(schema.model_copy(update={"formats": told}), _in_order(draft))


def _one_column(raw: RawTable) -> Problem:
    return Problem(
        what="the rows are not cut into columns",
        where=raw.name,
        got=f"{len(raw.frame.columns)} columns: {', '.join(excerpt(str(c)) for c in raw.frame)}",
        expected="a column of items and at least one more, between commas, semicolons, tabs or |",
        remedy="Export the table as CSV, or as Parquet with plain columns.",
    )


def _fields(draft: Draft) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for role, side in (("user", "user"), ("item", "item")):
        if role in draft.roles:
            fields[draft.roles[role]] = Field(side=_side(side))
    for profile in draft.log.values():
        if profile.name not in draft.reasons:
            _add_field(draft, fields, profile, _guess_side(draft, profile))
    for profile in draft.items.values():
        if profile.name not in draft.reasons and profile.name not in draft.log:
            _add_field(draft, fields, profile, "item")
    return fields


def _side(name: str) -> Side:
    return "user" if name == "user" else "item"


def _add_field(draft: Draft, fields: dict[str, Field], profile: Profile, side: Side) -> None:
    reason = _no_use(draft, profile)
    if reason is not None:
        draft.reasons[profile.name] = f"left out: {reason}"
        return
    separator = profile.separator
    if separator is not None:
        # A list brings its own separator.
        made = Field(kind="multi", side=side, separator="|" if profile.is_list else separator)
        reason = "lists" if profile.is_list else f"several values in a cell, between {separator!r}"
    elif _is_quantity(profile):
        made = Field(kind="numeric", side=side)
        reason = "numbers"
    else:
        made = Field(side=side)
        reason = f"{profile.distinct:,} different values"
    fields[profile.name] = made
    draft.reasons[profile.name] = f"{side} field: {reason}"


def _no_use(draft: Draft, profile: Profile) -> str | None:
    """Why a column cannot be a field, or None."""
    if profile.name != profile.name.strip() or not profile.name:
        return "its name has blanks around it"
    if profile.distinct == 0:
        return "it is empty"
    if profile.distinct == 1 and profile.filled == len(profile.codes):
        return "it has the same value everywhere"
    told = LABELS if profile.separator is None else ()
    if plain_name(profile.name) in (*COUNTS, *COUNTED_DEEDS, *told) and "label" not in draft.roles:
        return "it says what happened"
    if profile.is_whole and profile.distinct == len(profile.codes) and profile.distinct > 2:
        return "it numbers the rows"
    if profile.separator is None and not profile.is_numeric:
        if profile.is_dates:
            return "a date is a different value every day"
        if profile.is_free_text():
            return "a different value in nearly every row"
    return None


def _is_quantity(profile: Profile) -> bool:
    words = plain_name(profile.name).split("_")
    if profile.is_padded or CODES & set(words) or (len(words) > 1 and words[-1] in NUMBERED):
        return False
    few = profile.is_whole and profile.distinct <= FEW_NUMBERS
    return profile.is_numeric and not few


def _guess_side(draft: Draft, profile: Profile) -> Side:
    by_name = plain_name(profile.name).split("_")[0]
    if by_name == "user" and "user" in draft.roles:
        return "user"
    if by_name == "item":
        return "item"
    if "user" in draft.roles and follows(profile, draft.log[draft.roles["user"]]):
        return "user"
    return "item" if follows(profile, draft.log[draft.roles["item"]]) else "context"


def _in_order(draft: Draft) -> dict[str, str]:
    columns = dict.fromkeys([*draft.log, *draft.items])
    return {name: draft.reasons[name] for name in columns if name in draft.reasons}
