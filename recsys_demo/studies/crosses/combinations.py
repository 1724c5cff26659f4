"""The combinations of a cross that training rows have, and how far each is from the others."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.chance import adjusted_p_values, chance
from recsys_demo.evaluation.intervals import LEVEL, rates, wilson
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.features.cross_dictionary import CrossDictionary, part_value
from recsys_demo.features.fields import FieldEncoder

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


def _information(observed: Counts, expected: Floats) -> Floats:
    """observed ln(observed / expected), 0 where nothing was observed."""
    ratio = np.divide(observed, expected, out=np.ones(len(observed)), where=observed > 0)
    return np.asarray(observed * np.log(ratio), dtype=np.float64)
