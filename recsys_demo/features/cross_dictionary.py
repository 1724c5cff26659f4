"""Which combinations of a cross the training rows had, and the id each got."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from recsys_demo.errors import InputError, Problem, did_you_mean, excerpt, nearest
from recsys_demo.features.crosses import Cross, Part
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.vocabulary import ABSENT, MISSING_NAME, UNKNOWN
from recsys_demo.limits import Limits

Keys = npt.NDArray[np.int64]
NO_KEY = np.int64(-1)
_MAX_KEY = 2**62
_CELLS_AT_ONCE = 2**22  # combinations in memory while they are counted
V = TypeVar("V", bound=npt.NDArray[np.generic])
_DENSE_KEYS = 2**22  # below this many possible keys a plain table is faster than sorting


@dataclass(frozen=True, eq=False)
class CrossDictionary:
    """The combinations of one cross that got a weight.

    A combination is a key: the codes of its parts written as one number in a mixed base
    (`bases`). Ids count from 1; 0 means that the combination contributes nothing, because the
    training rows had it fewer than `min_support` times. With `buckets` every combination is
    hashed to an id instead, and different ones may share it.
    """

    cross: Cross
    bases: tuple[int, ...]
    keys: Keys
    support: npt.NDArray[np.int64]
    buckets: int | None = None

    @property
    def size(self) -> int:
        """Number of weights."""
        return self.buckets if self.buckets is not None else len(self.keys)

    def ids(self, keys: Keys) -> npt.NDArray[np.int32]:
        """The id of every key, [any shape]; 0 for unseen combinations and for `NO_KEY`."""
        if self.buckets is not None:
            bucket = _mixed(keys) % np.uint64(self.buckets)
            return np.where(keys == NO_KEY, 0, bucket.astype(np.int64) + 1).astype(np.int32)
        if not len(self.keys):
            return np.zeros(keys.shape, dtype=np.int32)
        if self._id_of_key is not None:
            return self._id_of_key[keys]
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        return np.where(self.keys[at] == keys, at + 1, 0).astype(np.int32)

    def count(self, keys: Keys) -> npt.NDArray[np.int64]:
        """How often every id occurs among these keys, [size]."""
        ids = self.ids(keys).reshape(-1)
        return np.bincount(ids, minlength=self.size + 1)[1:].astype(np.int64)

    @cached_property
    def _id_of_key(self) -> npt.NDArray[np.int32] | None:
        """The id of every possible key where they are few; its last place serves `NO_KEY` (-1)."""
        possible = math.prod(self.bases)
        if possible > _DENSE_KEYS:
            return None
        table = np.zeros(possible + 1, dtype=np.int32)
        table[self.keys] = np.arange(1, len(self.keys) + 1)
        return table

    @cached_property
    def codes(self) -> npt.NDArray[np.int64]:
        """Codes of the parts of every combination kept, [size, parts]."""
        columns = []
        rest = self.keys
        for base in reversed(self.bases):
            rest, code = np.divmod(rest, base)
            columns.append(code)
        return np.stack(columns[::-1], axis=1)


def combination_keys(cross: Cross, codes: FieldCodes, encoder: FieldEncoder) -> Keys:
    """Keys of all combinations every row has, [rows, combinations at most], `NO_KEY` elsewhere.

    A combination with an unknown or absent value does not exist: it contributes nothing.
    """
    keys = np.zeros((len(codes), 1), dtype=np.int64)
    for part, base in zip(cross.parts, bases_of(cross, encoder), strict=True):
        values = _part_codes(part, codes, encoder)
        longer = keys[:, :, None] * base + values[:, None, :]
        longer[(keys < 0)[:, :, None] | (values < 0)[:, None, :]] = NO_KEY
        keys = longer.reshape(len(codes), -1)
    return keys


def bases_of(cross: Cross, encoder: FieldEncoder) -> tuple[int, ...]:
    """How many codes each part has."""
    return tuple(1 if p.value is not None else encoder.cross_size(p.field) for p in cross.parts)


def fit_cross(
    cross: Cross,
    train: FieldCodes,
    encoder: FieldEncoder,
    min_support: int,
    buckets: int | None,
    limits: Limits,
) -> CrossDictionary:
    """Count the combinations of the training rows and keep those with enough support.

    Raises InputError, before memory is spent, if a row has more combinations than the limit.
    """
    check_cross(cross, train, encoder, limits)
    keys, support = counted_combinations(cross, train, encoder)
    return dictionary_of(cross, keys, support, encoder, min_support, buckets)


def counted_combinations(
    cross: Cross, codes: FieldCodes, encoder: FieldEncoder
) -> tuple[Keys, npt.NDArray[np.int64]]:
    """The different keys of the rows in rising order and how often each occurs; memory grows with
    them and not with the rows."""
    possible = math.prod(bases_of(cross, encoder))
    step = max(1, _CELLS_AT_ONCE // most_in_a_row(cross, codes))
    counted = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    for start in range(0, len(codes), step):
        own = {part.field: codes.of(part.field)[start : start + step] for part in cross.parts}
        piece = FieldCodes(own, {}, min(step, len(codes) - start))
        more = count_keys(combination_keys(cross, piece, encoder), possible)
        counted = more if not len(counted[0]) else joined_counts(counted, more)
    return counted


def joined_counts(
    known: tuple[V, npt.NDArray[np.int64]], more: tuple[V, npt.NDArray[np.int64]]
) -> tuple[V, npt.NDArray[np.int64]]:
    """Two lists of different values with their counts as one, in rising order."""
    both = np.concatenate([known[0], more[0]])
    values, place = np.unique(both, return_inverse=True)
    counts = np.zeros(len(values), dtype=np.int64)
    np.add.at(counts, place, np.concatenate([known[1], more[1]]))
    return cast(V, values), counts


def dictionary_of(
    cross: Cross,
    keys: Keys,
    support: npt.NDArray[np.int64],
    encoder: FieldEncoder,
    min_support: int,
    buckets: int | None,
) -> CrossDictionary:
    """`fit_cross` for keys in rising order whose rows are counted already."""
    bases = bases_of(cross, encoder)
    if buckets is not None:
        return CrossDictionary(cross, bases, keys[:0], support[:0], buckets)
    kept = support >= min_support
    return CrossDictionary(cross, bases, keys[kept], support[kept])


def count_keys(keys: Keys, possible: int = _MAX_KEY) -> tuple[Keys, npt.NDArray[np.int64]]:
    """The different keys in rising order and how often each occurs.

    `possible`: how many keys there can be; when few they are counted without sorting.
    """
    if possible <= _DENSE_KEYS:
        table = np.bincount(keys.reshape(-1) + 1, minlength=1)[1:]
        unique = np.flatnonzero(table)
        return unique, table[unique]
    unique, counts = np.unique(keys[keys != NO_KEY], return_counts=True)
    return unique, counts.astype(np.int64)


def check_total(cross: Cross, codes: FieldCodes, limits: Limits) -> None:
    """Refuse to look at all rows' combinations where they are too many for a page."""
    total = len(codes) * most_in_a_row(cross, codes)
    if total > limits.cross_combinations:
        raise InputError.of(
            what="all rows together would have too many combinations to count for a page",
            where=f"cross {excerpt(str(cross))}",
            got=f"up to {total:,}",
            expected=f"at most {limits.cross_combinations:,}",
            remedy="Cross fewer multi-valued fields, or name values of them.",
        )


def check_cross(cross: Cross, codes: FieldCodes, encoder: FieldEncoder, limits: Limits) -> None:
    """Refuse a cross that would not fit, naming what makes it large."""
    width = most_in_a_row(cross, codes)
    where = f"cross {excerpt(str(cross))}"
    if width > limits.cross_combinations_per_row:
        raise InputError.of(
            what="one row would have too many combinations",
            where=where,
            got=f"up to {width:,} in a row",
            expected=f"at most {limits.cross_combinations_per_row:,}",
            remedy="Cross fewer multi-valued fields, or name values of them.",
        )
    possible = float(np.prod([float(base) for base in bases_of(cross, encoder)]))
    if possible > _MAX_KEY:
        raise InputError.of(
            what="the cross has more possible combinations than can be numbered",
            where=where,
            got=f"{possible:.2g}",
            expected=f"at most {_MAX_KEY:.2g}",
            remedy="Leave out a field with many values, or raise its min_count.",
        )


def unknown_conditions(crosses: Sequence[Cross], encoder: FieldEncoder) -> list[Problem]:
    """Conditions that hold in no training row: their cross would say nothing about anybody."""
    problems = []
    for cross in crosses:
        for part in cross.parts:
            if part.value is None or encoder.cross_code(part.field, part.value) != UNKNOWN:
                continue
            known = encoder.condition_values(part.field)
            near = nearest(part.value, known)
            some = ", ".join(excerpt(value) for value in (near or known[:3])) or "none at all"
            problems.append(
                Problem(
                    what="no training row has the value of a condition",
                    where=f"cross {excerpt(str(cross))}, field {excerpt(part.field)}",
                    got=excerpt(part.value),
                    expected=f"a value of this field such as {some}",
                    remedy=did_you_mean(near, "Correct the value, capitals count."),
                )
            )
    return problems


def part_value(part: Part, encoder: FieldEncoder, code: int) -> str:
    """The value a part has in a combination, as a person reads it."""
    if part.value is None:
        return encoder.value_name(part.field, code)
    return part.value or MISSING_NAME


def fit_crosses(
    crosses: Sequence[Cross],
    train: FieldCodes,
    encoder: FieldEncoder,
    min_support: int,
    buckets: int | None,
    limits: Limits,
) -> tuple[CrossDictionary, ...]:
    """A dictionary per cross. Raises InputError with the problems of all of them."""
    problems: list[Problem] = []
    for cross in crosses:
        try:
            check_cross(cross, train, encoder, limits)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(fit_cross(c, train, encoder, min_support, buckets, limits) for c in crosses)


def most_in_a_row(cross: Cross, codes: FieldCodes) -> int:
    """The most combinations that a row may have."""
    return math.prod(_width(part, codes) for part in cross.parts)


def _width(part: Part, codes: FieldCodes) -> int:
    return 1 if part.value is not None else codes.of(part.field).shape[1]


def _part_codes(part: Part, codes: FieldCodes, encoder: FieldEncoder) -> npt.NDArray[np.int64]:
    values = codes.of(part.field)
    if part.value is None:
        return np.where(values == UNKNOWN, ABSENT, values).astype(np.int64)
    wanted = encoder.cross_code(part.field, part.value)
    holds = (values == wanted).any(axis=1) if wanted > UNKNOWN else np.zeros(len(values), bool)
    return np.where(holds, 0, ABSENT).astype(np.int64).reshape(-1, 1)


def _mixed(keys: Keys) -> npt.NDArray[np.uint64]:
    """splitmix64 (Steele et al. 2014): neighbouring keys land in unrelated buckets."""
    x = keys.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
