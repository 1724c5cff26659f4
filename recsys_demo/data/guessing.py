"""A first guess of what the columns of a stranger's file mean, for a person to correct."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from recsys_demo.data.cells import number
from recsys_demo.data.profiles import Profile, follows, profiles
from recsys_demo.data.schema import Field, Schema, Side, validated
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, shown

NEGATIVES = 2
FEW_NUMBERS = 10  # a number with fewer different values is as good as a category
LABELS: tuple[str, ...] = (
    "label",
    "target",
    "y",
    "click",
    "clicked",
    "is_click",
    "install",
    "is_installed",
)
LABELS += ("installed", "converted", "conversion", "purchase", "purchased", "bought", "liked")
LABELS += ("like", "response", "action", "taken", "is_attributed")
RATINGS = ("rating", "ratings", "stars", "score", "overall", "grade")
COUNTS = ("cnt", "count", "plays", "n_used", "frequency", "listen_count")
USERS: tuple[str, ...] = (
    "user",
    "user_id",
    "uid",
    "customer",
    "customer_id",
    "member",
    "visitor",
    "visitor_id",
)
USERS += ("reviewer", "reviewer_id", "account", "account_id", "person", "kunde", "nutzer", "client")
USERS += ("client_id", "session", "session_id", "device_id")
ITEMS: tuple[str, ...] = (
    "item",
    "item_id",
    "iid",
    "app",
    "app_id",
    "movie",
    "movie_id",
    "product",
    "product_id",
)
ITEMS += ("article", "article_id", "song", "song_id", "track", "track_id", "video", "video_id")
ITEMS += ("book", "book_id", "isbn", "sku", "asin", "ad", "ad_id", "show", "game", "game_id")
ITEMS += ("artikel", "produkt", "business_id", "artist", "artist_id")
TIMES = ("time", "timestamp", "date", "datetime", "ts", "day", "created_at", "datum", "zeit")
SPLITS = ("split", "part", "fold", "subset", "set")
NAMES = ("name", "title", "item_name", "app_name", "movie_title", "product_name")


@dataclass(frozen=True)
class Guess:
    """A schema that fits the file, and per column why it got its role, or none."""

    schema: Schema
    reasons: dict[str, str]


@dataclass
class _Draft:
    """The roles given out so far."""

    log: dict[str, Profile]
    items: dict[str, Profile]
    decimal: str
    roles: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def give(self, role: str, column: str, reason: str) -> None:
        self.roles[role] = column
        self.reasons[column] = f"{role.replace('_', ' ')}: {reason}"

    def free(self) -> Iterable[Profile]:
        """Columns of the log without a role, the empty ones left out."""
        return (p for p in self.log.values() if p.name not in self.reasons and p.distinct)

    def named(self, names: tuple[str, ...], fits: Callable[[Profile], bool]) -> Profile | None:
        """The first free column by the order of `names` that fits."""
        ranked = [(names.index(_plain(p.name)), p) for p in self.free() if _plain(p.name) in names]
        return next((p for _, p in sorted(ranked, key=lambda pair: pair[0]) if fits(p)), None)


def guess_schema(raw: RawTable, items: RawTable | None = None) -> Guess:
    """Roles and kinds guessed from names and contents. Always a valid schema.

    Raises InputError where no column could be the item.
    """
    if len(raw.frame.columns) < 2:
        raise InputError(_one_column(raw))
    log = profiles(raw)
    described = {} if items is None else profiles(items)
    draft = _Draft(log, described, _decimal([*log.values(), *described.values()]))
    _guess_split(draft)
    _guess_label(draft)
    _guess_item(draft, raw)
    _guess_user(draft)
    _guess_time(draft)
    _guess_item_name(draft)
    fields = _fields(draft)
    content = {
        **draft.roles,
        "decimal": draft.decimal,
        "fields": fields,
        **_threshold(draft),
    }
    return Guess(validated(Schema, content, "guessed schema"), _in_order(draft))


def log_and_items(tables: list[RawTable]) -> tuple[RawTable, RawTable | None]:
    """Which of the tables of an archive is the log, and which describes the items.

    The log is the longest. The other one must share a column with it and have one row per value of
    that column. Raises InputError where two tables do not fit together so.
    """
    ordered = sorted(tables, key=lambda table: -len(table.frame))
    log, others = ordered[0], ordered[1:]
    fitting = [table for table in others if _key(log, table) is not None]
    if others and len(fitting) != 1:
        raise InputError(
            Problem(
                what="it is not clear which table describes the items",
                where=", ".join(table.name for table in tables),
                got=f"{len(fitting)} tables with one row per value of a column of {log.name}",
                expected="a log, and one file that describes its items",
                remedy="Bring just these two, the column of the item ids named alike in both.",
            )
        )
    return log, fitting[0] if fitting else None


def _key(log: RawTable, items: RawTable) -> str | None:
    for name in items.frame.columns:
        if name in log.frame.columns and items.frame[name].is_unique:
            return str(name)
    return None


def _plain(name: str) -> str:
    """userId, User-ID and "user id" are all user_id."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    plain = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
    return re.sub(r"(?<=[a-z])id$", "_id", plain) if not plain.endswith("_id") else plain


def _decimal(columns: list[Profile]) -> str:
    commas = any(p.has_comma_numbers and p.is_numeric(",") for p in columns)
    points = any(p.has_point_numbers and p.is_numeric(".") for p in columns)
    return "," if commas and not points else "."


def _guess_split(draft: _Draft) -> None:
    found = draft.named(SPLITS, lambda p: p.is_split)
    if found is not None:
        draft.give("split", found.name, "its values are the parts of a split")


def _guess_label(draft: _Draft) -> None:
    found = draft.named(LABELS, lambda p: p.has_both_labels)
    if found is not None:
        draft.give("label", found.name, "its name, and its values are 0 and 1")
        return
    found = draft.named(RATINGS, lambda p: len(_finite(p, draft.decimal)) > 1)
    if found is not None:
        draft.give("label", found.name, "ratings, made a label by a threshold")
        return
    binary = [p for p in draft.free() if p.is_binary]
    columns = list(draft.log)
    at_the_edge = len(binary) == 1 and binary[0].name in (columns[0], columns[-1])
    if at_the_edge and len(columns) > 2:
        draft.give("label", binary[0].name, "the only column of 0 and 1")


def _finite(profile: Profile, decimal: str) -> set[float]:
    """The different numbers of a column of numbers, nothing for another column."""
    numbers = {number(text, decimal) for text in profile.values}
    return {n for n in numbers if np.isfinite(n)} if profile.is_numeric(decimal) else set()


def _threshold(draft: _Draft) -> dict[str, object]:
    """What the label needs beside its column."""
    if "label" not in draft.roles:
        return {"negatives_per_positive": NEGATIVES}
    label = draft.log[draft.roles["label"]]
    if label.has_both_labels:
        return {}
    numbers = np.array([number(text, draft.decimal) for text in label.values])
    known = np.isfinite(numbers)
    counts, numbers = np.array(label.counts)[known], numbers[known]
    ratings = np.unique(numbers)
    # The rating that makes the labels as even as can be; the lowest would make all of them 1.
    taken = [counts[numbers >= rating].sum() / counts.sum() for rating in ratings[1:]]
    nearest = int(np.abs(np.array(taken) - 0.5).argmin())
    return {"label_threshold": float(ratings[1 + nearest])}


def _guess_item(draft: _Draft, raw: RawTable) -> None:
    shared = [
        p
        for p in draft.free()
        if p.name in draft.items
        and draft.items[p.name].distinct == draft.items[p.name].filled == _rows(draft.items)
    ]
    found = shared[0] if shared else draft.named(ITEMS, _is_identifier)
    if found is not None:
        reason = "the file of items has one row for each" if shared else "its name"
        draft.give("item", found.name, reason)
        return
    user_like = draft.named(USERS, _is_identifier)
    candidates = [
        p for p in draft.free() if p is not user_like and _is_identifier(p) and _comes_back(p)
    ]
    if draft.items or not candidates:
        raise InputError(_no_item(raw, bool(draft.items)))
    found = max(candidates, key=lambda p: (not p.is_numeric(draft.decimal), p.distinct))
    draft.give("item", found.name, "the column with the most values that come back")


def _one_column(raw: RawTable) -> Problem:
    return Problem(
        what="the rows are not cut into columns",
        where=raw.name,
        got=f"{len(raw.frame.columns)} columns: {', '.join(shown(str(c)) for c in raw.frame)}",
        expected="a column of items and at least one more, between commas, semicolons, tabs or |",
        remedy="Export the table as CSV, or as Parquet with plain columns.",
    )


def _no_item(raw: RawTable, has_items: bool) -> Problem:
    return Problem(
        what="no column says which item was shown",
        where=raw.name,
        got=f"the columns {', '.join(shown(str(c)) for c in list(raw.frame.columns)[:12])}",
        expected="a column of ids that the file of items has too, once each"
        if has_items
        else "a column of item ids or names, some of which come back",
        remedy="Name the column of the items item.",
    )


def _rows(columns: dict[str, Profile]) -> int:
    return max((len(p.codes) for p in columns.values()), default=0)


def _is_identifier(profile: Profile) -> bool:
    return profile.separator is None and not profile.is_list


def _comes_back(profile: Profile) -> bool:
    return profile.distinct > 1 and not profile.is_free_text() and not profile.is_dates


def _guess_user(draft: _Draft) -> None:
    found = draft.named(USERS, _is_identifier)
    if found is not None:
        draft.give("user", found.name, "its name")


def _guess_time(draft: _Draft) -> None:
    found = draft.named(TIMES, lambda p: p.is_epoch or p.is_dates)
    reason = "its name, and its values are moments"
    if found is None:
        found = next((p for p in draft.free() if p.is_dates), None)
        reason = "its values are dates"
    if found is not None:
        draft.give("time", found.name, reason)


def _guess_item_name(draft: _Draft) -> None:
    others = [p for p in draft.items.values() if p.name not in draft.log]
    for profile in others:
        if _plain(profile.name) in NAMES and not profile.is_numeric("."):
            draft.give("item_name", profile.name, "its name in the file of items")
            return


def _fields(draft: _Draft) -> dict[str, Field]:
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


def _add_field(draft: _Draft, fields: dict[str, Field], profile: Profile, side: Side) -> None:
    reason = _no_use(draft, profile)
    if reason is not None:
        draft.reasons[profile.name] = f"left out: {reason}"
        return
    separator = profile.separator
    if separator is not None:
        # A list of a Parquet file brings its own separator.
        made = Field(kind="multi", side=side, separator="|" if profile.is_list else separator)
        reason = "lists" if profile.is_list else f"several values in a cell, between {separator!r}"
    elif _is_quantity(profile, draft.decimal):
        made = Field(kind="numeric", side=side)
        reason = "numbers"
    else:
        made = Field(side=side)
        reason = f"{profile.distinct:,} different values"
    fields[profile.name] = made
    draft.reasons[profile.name] = f"{side} field: {reason}"


def _no_use(draft: _Draft, profile: Profile) -> str | None:
    """Why a column cannot be a field, or None."""
    if profile.name != profile.name.strip() or not profile.name:
        return "its name has blanks around it"
    if profile.distinct == 0:
        return "it is empty"
    if profile.distinct == 1 and profile.filled == len(profile.codes):
        return "it has the same value everywhere"
    told = LABELS if profile.separator is None else ()
    if _plain(profile.name) in (*COUNTS, *told) and "label" not in draft.roles:
        return "it says what happened"
    if profile.is_whole and profile.distinct == len(profile.codes) and profile.distinct > 2:
        return "it numbers the rows"
    if profile.separator is None and not profile.is_numeric(draft.decimal):
        if profile.is_dates:
            return "a date is a different value every day"
        if profile.is_free_text():
            return "a different value in nearly every row"
    return None


def _is_quantity(profile: Profile, decimal: str) -> bool:
    words = _plain(profile.name).split("_")
    if {"id", "code", "zip", "postcode", "plz"} & set(words):
        return False
    few = profile.is_whole and profile.distinct <= FEW_NUMBERS
    return profile.is_numeric(decimal) and not few


def _guess_side(draft: _Draft, profile: Profile) -> Side:
    by_name = _plain(profile.name).split("_")[0]
    if by_name == "user" and "user" in draft.roles:
        return "user"
    if by_name == "item":
        return "item"
    if "user" in draft.roles and follows(profile, draft.log[draft.roles["user"]]):
        return "user"
    return "item" if follows(profile, draft.log[draft.roles["item"]]) else "context"


def _in_order(draft: _Draft) -> dict[str, str]:
    columns = dict.fromkeys([*draft.log, *draft.items])
    return {name: draft.reasons[name] for name in columns if name in draft.reasons}
