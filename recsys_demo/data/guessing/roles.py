"""Which column is the label, the item, the user ...: guessed from names and contents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from recsys_demo.data.guessing.column_names import (
    COUNTED_DEEDS,
    COUNTS,
    ITEMS,
    LABELS,
    NAMES,
    RATINGS,
    SPLITS,
    TIMES,
    USERS,
    plain_name,
)
from recsys_demo.data.labels import MOST_EVENTS, positive_of, taken_word
from recsys_demo.data.numbers import MISSING_NUMBERS
from recsys_demo.data.profiles import Profile
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import InputError, Problem, excerpt

NEGATIVES = 2


@dataclass
class Draft:
    """The roles given out so far."""

    log: dict[str, Profile]
    items: dict[str, Profile]
    roles: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    positive: str | None = None

    def give(self, role: str, column: str, reason: str) -> None:
        """This column has that role, and why."""
        self.roles[role] = column
        self.reasons[column] = f"{role.replace('_', ' ')}: {reason}"

    def free(self) -> Iterable[Profile]:
        """Columns of the log without a role that can have one: not empty, no blanks around the
        name."""
        plain = (p for p in self.log.values() if p.name.strip() == p.name != "")
        return (p for p in plain if p.name not in self.reasons and p.distinct)

    def named(self, names: tuple[str, ...], fits: Callable[[Profile], bool]) -> Profile | None:
        """The first free column by the order of `names` that fits."""
        plain = [(plain_name(profile.name), profile) for profile in self.free()]
        ranked = sorted(
            (pair for pair in plain if pair[0] in names), key=lambda pair: names.index(pair[0])
        )
        return next((profile for _, profile in ranked if fits(profile)), None)


def guess_roles(draft: Draft, raw: RawTable) -> None:
    """Give out every role that a column fits. Raises InputError where no column could be the item.

    The order counts: what has a role is not asked again.
    """
    _guess_split(draft)
    _guess_label(draft)
    _guess_item(draft, raw)
    _guess_user(draft)
    _guess_time(draft)
    _guess_item_name(draft)


def _guess_split(draft: Draft) -> None:
    found = draft.named(SPLITS, lambda p: p.is_split)
    if found is not None:
        draft.give("split", found.name, "its values are the parts of a split")


def _guess_label(draft: Draft) -> None:
    """A column of the two labels, of two words, of ratings, counts or events."""
    named = (_label_of_bits, _label_of_words, _label_of_ratings, _label_of_counts)
    for guess in (*named, _label_at_edge, _label_of_events, _label_of_deeds):
        if "label" not in draft.roles:
            guess(draft)


def _label_of_bits(draft: Draft) -> None:
    found = draft.named(LABELS, lambda p: p.has_both_labels)
    if found is not None:
        draft.give("label", found.name, "its name, and its values are 0 and 1")


def _label_of_words(draft: Draft) -> None:
    found = draft.named(LABELS, lambda p: p.distinct == 2 and _is_identifier(p))
    if found is None or found.is_numeric:
        return
    draft.positive = _likeliest(_words(found))
    draft.give("label", found.name, f"its name; {excerpt(draft.positive)} means taken")


def _label_of_ratings(draft: Draft) -> None:
    found = draft.named((*RATINGS, *LABELS), lambda p: len(_finite(p)) > 1)
    if found is not None:
        draft.positive = _even_threshold(found)
        draft.give("label", found.name, f"ratings; {draft.positive} means taken")


def _label_of_counts(draft: Draft, names: tuple[str, ...] = COUNTS) -> None:
    """Counts without a zero are a log of what was taken; with one they are a label."""
    found = draft.named(names, lambda p: 0 in _finite(p) and len(_finite(p)) > 1)
    if found is not None:
        draft.positive = "> 0"
        draft.give("label", found.name, "counts; more than 0 means taken")


def _label_at_edge(draft: Draft) -> None:
    binary = [p for p in draft.free() if p.is_binary]
    columns = list(draft.log)
    at_the_edge = len(binary) == 1 and binary[0].name in (columns[0], columns[-1])
    if at_the_edge and len(columns) > 2:
        draft.give("label", binary[0].name, "the only column of 0 and 1")


def _label_of_events(draft: Draft) -> None:
    """The only column whose words say what somebody did, whatever it is called."""
    events = [(p, taken_word(p.values)) for p in draft.free() if p.distinct <= MOST_EVENTS]
    told = [(p, word) for p, word in events if word is not None and _is_identifier(p)]
    if len(told) == 1:
        found, draft.positive = told[0]
        draft.give("label", found.name, f"its words; {excerpt(draft.positive)} means taken")


def _label_of_deeds(draft: Draft) -> None:
    """Last of all: such a count may as well be an attribute, beside a label of another name."""
    _label_of_counts(draft, COUNTED_DEEDS)


def likely_positive(profile: Profile) -> str | None:
    """What most likely means taken in a column that somebody says is the label; None for the plain
    labels."""
    if profile.has_both_labels or not profile.values:
        return None
    if len(numbers := _finite(profile)) > 1:
        return "> 0" if 0 in numbers else _even_threshold(profile)
    words = _words(profile)
    return taken_word(words) or _likeliest(words)


def _words(profile: Profile) -> dict[str, int]:
    """The words of a column with their rows, without signs for a missing value where it has others:
    a row that says nothing says of nothing that it was taken."""
    words = dict(zip(profile.values, profile.counts, strict=True))
    said = {word: n for word, n in words.items() if word.strip().lower() not in MISSING_NUMBERS}
    return said or words


def _likeliest(words: dict[str, int]) -> str:
    return positive_of(words) if len(words) == 2 else min(words, key=words.__getitem__)


def _finite(profile: Profile) -> set[float]:
    """The different numbers of a column of numbers, nothing for another column."""
    if not profile.is_numeric:
        return set()
    return {n for n in profile.numbers().tolist() if np.isfinite(n)}


def _even_threshold(label: Profile) -> str:
    """The comparison that makes the labels as even as can be; the lowest rating would make all of
    them 1."""
    numbers = label.numbers()
    known = np.isfinite(numbers)
    counts, numbers = np.array(label.counts)[known], numbers[known]
    ratings = np.unique(numbers)
    taken = [counts[numbers >= rating].sum() / counts.sum() for rating in ratings[1:]]
    nearest = int(np.abs(np.array(taken) - 0.5).argmin())
    return f">= {ratings[1 + nearest]:g}"


def label_settings(draft: Draft) -> dict[str, object]:
    """What the label needs beside its column."""
    if "label" not in draft.roles:
        return {"negatives_per_positive": NEGATIVES}
    return {"positive": draft.positive}


def _guess_item(draft: Draft, raw: RawTable) -> None:
    shared = [
        p
        for p in draft.free()
        if p.name in draft.items
        and plain_name(p.name) not in USERS
        and draft.items[p.name].distinct == draft.items[p.name].filled == _rows(draft.items)
    ]
    found = shared[0] if shared else draft.named(ITEMS, _is_identifier)
    if found is None and (constant := draft.named(ITEMS, lambda p: p.distinct == 1)):
        raise InputError(_one_item(raw, constant))
    if found is not None:
        reason = "the file of items has one row for each" if shared else "its name"
        draft.give("item", found.name, reason)
        return
    user_like = draft.named(USERS, _is_identifier)
    candidates = [
        p for p in draft.free() if p is not user_like and _is_identifier(p) and _comes_back(p)
    ]
    if draft.items and user_like is not None and user_like.name in draft.items:
        raise InputError(_users_described(raw, user_like.name))
    if draft.items or not candidates:
        raise InputError(_no_item(raw, bool(draft.items)))
    found = max(candidates, key=lambda p: (not p.is_numeric, p.distinct))
    draft.give("item", found.name, "the column with the most values that come back")


def _one_item(raw: RawTable, constant: Profile) -> Problem:
    return Problem(
        what="every row shows the same item",
        where=raw.place(column=constant.name),
        got=f"{constant.filled:,} times {excerpt(constant.values[0])}",
        expected="at least two items, or there is nothing to rank",
        remedy="Name another column item, or bring the rows of other items too.",
    )


def _users_described(raw: RawTable, column: str) -> Problem:
    return Problem(
        what="the second file describes users, not items",
        where=raw.place(column=column),
        got="a column of users in both files, and no column of items",
        expected="a file with one row per item",
        remedy="Join it to the log first: every row can hold the fields of its user.",
    )


def _no_item(raw: RawTable, has_items: bool) -> Problem:
    return Problem(
        what="no column says which item was shown",
        where=raw.name,
        got=f"the columns {', '.join(excerpt(str(c)) for c in list(raw.frame.columns)[:12])}",
        expected="a column of ids that the file of items has too, once each"
        if has_items
        else "a column of item ids or names, some of which come back",
        remedy="Name the column of the items item.",
    )


def _rows(columns: dict[str, Profile]) -> int:
    return max((len(p.codes) for p in columns.values()), default=0)


def _is_identifier(profile: Profile) -> bool:
    """One value a row, and not the same in all of them: with a single item nothing is ranked."""
    return profile.separator is None and not profile.is_list and profile.distinct > 1


def _comes_back(profile: Profile) -> bool:
    if profile.is_numeric and not profile.is_whole:
        return False  # a price is no item
    return profile.distinct > 1 and not profile.is_free_text() and not profile.is_dates


def _guess_user(draft: Draft) -> None:
    found = draft.named(USERS, _is_identifier)
    if found is not None:
        draft.give("user", found.name, "its name")


def _guess_time(draft: Draft) -> None:
    found = draft.named(TIMES, lambda p: p.is_epoch or p.is_dates)
    reason = "its name, and its values are moments"
    if found is None:
        found = next((p for p in draft.free() if p.is_dates), None)
        reason = "its values are dates"
    if found is not None:
        draft.give("time", found.name, reason)


def _guess_item_name(draft: Draft) -> None:
    others = [p for p in draft.items.values() if p.name not in draft.log]
    for profile in others:
        if plain_name(profile.name) in NAMES and not profile.is_numeric:
            draft.give("item_name", profile.name, "its name in the file of items")
            return
