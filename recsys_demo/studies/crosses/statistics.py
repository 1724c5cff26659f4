"""What a cross can remember: its combinations in the training rows, and whom it can speak about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.features.cross_dictionary import (
    CrossDictionary,
    bases_of,
    check_cross,
    check_total,
    combination_keys,
    count_keys,
)
from recsys_demo.features.crosses import Cross
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.combinations import Combinations, Counts
from recsys_demo.studies.crosses.log_codes import LogCodes, RowCodes


@dataclass(frozen=True)
class Size:
    """How much of a cross there is.

    `possible` combinations of its values, `seen` in training rows, `supported` by at least
    `min_support` of them. `parameters`: weights it adds to a model. `coverage`: share of the
    held-out rows in which at least one combination has a weight, NaN without such rows.
    """

    possible: int
    seen: int
    supported: int
    parameters: int
    coverage: float

    @property
    def silent(self) -> float:
        """Share of the held-out rows this cross says nothing about."""
        return 1 - self.coverage


@dataclass(frozen=True)
class Collisions:
    """What hashing `combinations` into `buckets` weights costs.

    `shared`: combinations that have to share their weight with another one, `used`: buckets that
    hold at least one.
    """

    buckets: int
    combinations: int
    shared: int
    used: int

    @property
    def share(self) -> float:
        """Share of the combinations that collide."""
        return self.shared / self.combinations if self.combinations else 0.0

    @property
    def expected_share(self) -> float:
        """The same for a perfectly random hash: 1 - (1 - 1/B)^(n - 1)."""
        if not self.combinations:
            return 0.0
        return -math.expm1((self.combinations - 1) * math.log1p(-1 / self.buckets))


@dataclass(frozen=True, eq=False)
class CrossStatistics:
    """A cross on the rows of one log."""

    cross: Cross
    size: Size
    combinations: Combinations


def describe_cross(
    cross: Cross,
    log: LogCodes,
    min_support: int = 2,
    buckets: int | None = None,
    limits: Limits | None = None,
) -> CrossStatistics:
    """Count everything there is to know. Raises InputError before memory is spent if it is too
    large."""
    limits = limits or Limits.from_environment()
    check_cross(cross, log.train.codes, log.encoder, limits)
    for rows in (log.train, log.test):
        check_total(cross, rows.codes, limits)
    bases = bases_of(cross, log.encoder)
    combinations = _combinations(cross, log, bases)
    supported = combinations.support >= min_support
    known = CrossDictionary(
        cross, bases, combinations.dictionary.keys[supported], combinations.support[supported]
    )
    count = int(supported.sum())
    size = Size(
        possible=possible_combinations(cross, log.encoder),
        seen=len(combinations),
        supported=count,
        parameters=count if buckets is None else buckets,
        coverage=_coverage(known, log.test, log.encoder),
    )
    return CrossStatistics(cross, size, combinations)


def possible_combinations(cross: Cross, encoder: FieldEncoder) -> int:
    """Product of the number of known values of every part (1 for a condition)."""
    return math.prod(
        1 if part.value is not None else encoder.cross_size(part.field) - 1 for part in cross.parts
    )


def covered_share(crosses: Sequence[CrossStatistics], log: LogCodes, min_support: int = 2) -> float:
    """Share of the held-out rows that at least one of these crosses can speak about."""
    spoken = np.zeros(len(log.test), dtype=bool)
    for described in crosses:
        dictionary = described.combinations.dictionary
        ids = dictionary.ids(combination_keys(described.cross, log.test.codes, log.encoder))
        enough = np.append(False, dictionary.support >= min_support)
        spoken |= enough[ids].any(axis=1)
    return float(spoken.mean()) if len(spoken) else math.nan


def collisions(described: CrossStatistics, buckets: int) -> Collisions:
    """Hash every seen combination and count those that meet another."""
    dictionary = described.combinations.dictionary
    hashed = CrossDictionary(
        described.cross, dictionary.bases, dictionary.keys, dictionary.support, buckets
    )
    ids = hashed.ids(dictionary.keys)
    _, counts = np.unique(ids, return_counts=True)
    return Collisions(buckets, len(ids), int(counts[counts > 1].sum()), len(counts))


def _combinations(cross: Cross, log: LogCodes, bases: tuple[int, ...]) -> Combinations:
    keys = combination_keys(cross, log.train.codes, log.encoder)
    possible = math.prod(bases)
    seen, support = count_keys(keys, possible)
    dictionary = CrossDictionary(cross, bases, seen, support)
    positives = dictionary.count(keys[log.train.labels == 1])
    rows, taken = _same_item(cross, log, dictionary)
    return Combinations(
        dictionary,
        positives,
        rows - support,
        taken - positives,
        rows=len(log.train),
        all_positives=int(log.train.labels.sum()),
    )


def _same_item(cross: Cross, log: LogCodes, dictionary: CrossDictionary) -> tuple[Counts, Counts]:
    """Rows and positives that agree with every combination in the item parts, [combinations]."""
    parts = log.item_parts(cross)
    if not parts:
        everything = np.full(dictionary.size, len(log.train), dtype=np.int64)
        return everything, np.full_like(everything, int(log.train.labels.sum()))
    item = Cross(tuple(cross.parts[index] for index in parts))
    bases = tuple(dictionary.bases[index] for index in parts)
    keys = combination_keys(item, log.train.codes, log.encoder)
    seen, rows = count_keys(keys, math.prod(bases))
    of_item = CrossDictionary(item, bases, seen, rows)
    taken = of_item.count(keys[log.train.labels == 1])
    own = np.zeros(dictionary.size, dtype=np.int64)
    for index, base in zip(parts, bases, strict=True):
        own = own * base + dictionary.codes[:, index]
    at = of_item.ids(own) - 1
    return rows[at], taken[at]


def _coverage(known: CrossDictionary, rows: RowCodes, encoder: FieldEncoder) -> float:
    if not len(rows):
        return math.nan
    ids = known.ids(combination_keys(known.cross, rows.codes, encoder))
    return float((ids > 0).any(axis=1).mean())
