"""What a cross can remember: its combinations in the training rows, and whom it can speak about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.chance import adjusted_p_values, chance
from recsys_demo.evaluation.intervals import LEVEL, rates, wilson
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.features.cross_dictionary import (
    CrossDictionary,
    bases_of,
    check_cross,
    check_total,
    combination_keys,
    count_keys,
    part_value,
)
from recsys_demo.features.crosses import Cross
from recsys_demo.features.fields import FieldEncoder
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.log_codes import LogCodes, RowCodes

Counts = npt.NDArray[np.int64]
Order = Literal["surprise", "evidence", "support", "rate", "times"]


@dataclass(frozen=True, eq=False)
class Combinations:
    """Every combination of a cross that training rows have, in the order of its key.

    All arrays are [combinations]. `support`: rows that have it, `positives`: those of them with
    label 1. `peers` and `peer_positives` count the other rows that show the same (agree in the
    item parts of the cross; every other row if it has none). `rows` and `all_positives` are those
    of the training rows.
    """

    dictionary: CrossDictionary
    positives: Counts
    peers: Counts
    peer_positives: Counts
    rows: int
    all_positives: int

    def __len__(self) -> int:
        return len(self.positives)

    @property
    def base_rate(self) -> float:
        """Share of the training rows with label 1."""
        return self.all_positives / self.rows if self.rows else math.nan

    @property
    def support(self) -> Counts:
        return self.dictionary.support

    @property
    def rate(self) -> Floats:
        """Install rate."""
        return rates(self.positives, self.support)

    @property
    def interval(self) -> tuple[Floats, Floats]:
        """95 % Wilson interval of the install rate."""
        return wilson(self.positives, self.support)

    @property
    def lift(self) -> Floats:
        """Install rate over the base rate of all training rows."""
        return self.rate / self.base_rate if self.base_rate else np.full(len(self), np.nan)

    @property
    def peer_rate(self) -> Floats:
        """Install rate of the other rows that show the same; NaN if there are none."""
        return rates(self.peer_positives, self.peers)

    @property
    def times(self) -> Floats:
        """Install rate over that of the peers; inf where no peer took it, NaN without peers."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.rate / self.peer_rate, dtype=np.float64)

    @cached_property
    def noise(self) -> npt.NDArray[np.bool_]:
        """Whether a rate could be that of its peers by chance (without peers: that of all other
        rows), all combinations of the cross tested together. It is what `sentences` compare."""
        alone = self.peers == 0
        rows = np.where(alone, self.rows - self.support, self.peers)
        positives = np.where(alone, self.all_positives - self.positives, self.peer_positives)
        p = chance(self.positives, self.support, positives, rows)
        return np.asarray(adjusted_p_values(p) > 1 - LEVEL)

    @property
    def evidence(self) -> Floats:
        """G² of the combination's rate against the base rate: 2 sum observed ln(observed/expected).

        Large where a rate is both far from the base rate and seen often.
        """
        support = self.support.astype(np.float64)
        taken = _information(self.positives, support * self.base_rate)
        left = _information(self.support - self.positives, support * (1 - self.base_rate))
        return np.asarray(2 * (taken + left), dtype=np.float64)

    @property
    def surprise(self) -> Floats:
        """G² of the combination against its peers: how hard it is to believe that it is taken as
        often as what they see. 0 without peers."""
        rows, taken = self.support + self.peers, self.positives + self.peer_positives
        rate = np.asarray(taken / rows, dtype=np.float64)
        total = np.zeros(len(self), dtype=np.float64)
        for seen, positives in ((self.support, self.positives), (self.peers, self.peer_positives)):
            total += _information(positives, seen * rate)
            total += _information(seen - positives, seen * (1 - rate))
        return 2 * total

    def order(self, by: Order) -> npt.NDArray[np.intp]:
        """Positions, the strongest first; equal ones by support, then by key."""
        if by == "support":
            return np.lexsort((-self.evidence, -self.support))
        values: Floats = {
            "surprise": self.surprise,
            "evidence": self.evidence,
            "rate": self.rate,
            "times": self.times,
        }[by]
        return np.lexsort((-self.support, -np.nan_to_num(values, nan=-np.inf)))

    def values(self, position: int, encoder: FieldEncoder) -> tuple[str, ...]:
        """The value of every part."""
        codes = self.dictionary.codes[position]
        return tuple(
            part_value(part, encoder, int(code))
            for part, code in zip(self.dictionary.cross.parts, codes, strict=True)
        )


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


def _information(observed: Counts, expected: Floats) -> Floats:
    """observed ln(observed / expected), 0 where nothing was observed."""
    ratio = np.divide(observed, expected, out=np.ones(len(observed)), where=observed > 0)
    return np.asarray(observed * np.log(ratio), dtype=np.float64)
