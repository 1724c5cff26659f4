"""What trees read of a row: a column of numbers or of categories for each field, or several.

A categorical field is one column of categories; the most frequent `MOST_CATEGORIES` values have a
place of their own. A multi-valued field has a column of 0 and 1 for each of its most frequent
values. Multi-valued fields, and those with more values than places, also have a column of *rates*:
how often rows with the value were taken (its target statistic), the mean over several values.

    rate(v) = (k_v + m r) / (n_v + m)

with n_v the training rows that have v, k_v those of them that were taken, r the base rate, which
counts for m rows. A training row's rate is counted over the other folds, never over its own label.

Shapes: n rows, p columns, V values of a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recsys_demo.config.components import TreesConfig
from recsys_demo.features.encoder import Encoded
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.vocabulary import ABSENT

MOST_CATEGORIES = 255  # bins of scikit-learn's trees
FOLDS = 5
NO_CATEGORY = -1

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Column:
    """One column: the field it is made of, and for a column of 0 and 1 the value's code."""

    field: str
    is_category: bool = False
    member: int | None = None


@dataclass(frozen=True, eq=False)
class Columns:
    """How the codes of fields become columns. `rates` [V] by field are counted on training rows;
    there are none before."""

    fields: FieldEncoder
    config: TreesConfig
    rates: Mapping[str, Floats] = field(default_factory=dict)

    @cached_property
    def all(self) -> list[Column]:
        """Every column in order; categories come first."""
        fields = self.fields
        members = [
            # Two categories: scikit-learn looks for cuts of numbers anew whenever it goes on.
            Column(name, is_category=True, member=int(place) + 1)
            for name in fields.multi_fields
            for place in self._most_frequent(name, self.config.members)
        ]
        numbers = [Column(name) for name in (*self.rated, *fields.numeric_fields)]
        return [*(Column(n, is_category=True) for n in fields.single_fields), *members, *numbers]

    @property
    def rated(self) -> list[str]:
        """The fields that have a column of rates."""
        sizes = {name: len(self.fields.vocabularies[name].values) for name in self._singles}
        many = [name for name, size in sizes.items() if size > MOST_CATEGORIES]
        return [*many, *self.fields.multi_fields]

    def values(self, codes: FieldCodes, rates: Mapping[str, Floats] | None = None) -> Floats:
        """The columns of rows, [n, p]; not a number where a row says nothing, or where `codes` does
        not have the field. `rates` [n] stand in for those of the values."""
        values = np.full((len(codes), len(self.all)), np.nan)
        for place, column in enumerate(self.all):
            if column.field in codes.codes:
                values[:, place] = self._values_of(column, codes, rates or {})
        return values

    def _values_of(self, column: Column, codes: FieldCodes, rates: Mapping[str, Floats]) -> Floats:
        name = column.field
        if name in codes.positions:
            return np.asarray(codes.positions[name], dtype=np.float64)
        own = codes.of(name)
        if column.member is not None:
            return np.asarray((own == column.member).any(1), dtype=np.float64)
        if column.is_category:
            places = self._places[name][own[:, 0]]
            return np.asarray(np.where(places == NO_CATEGORY, np.nan, places), dtype=np.float64)
        return rates[name] if name in rates else _mean_rates(self.rates[name], own)

    def fitted(self, codes: FieldCodes, labels: Floats) -> Columns:
        """With the rates of these training rows."""
        return replace(self, rates={n: self._rates(n, codes.of(n), labels) for n in self.rated})

    def held_out_rates(self, codes: FieldCodes, labels: Floats, seed: int) -> Mapping[str, Floats]:
        """The rates of training rows, [n] each, counted over the folds that a row is not in."""
        fold = np.random.default_rng([seed, FOLDS]).permutation(len(labels)) % FOLDS
        found = {name: np.zeros(len(labels)) for name in self.rated}
        for number in range(FOLDS):
            own, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
            for name, rates in found.items():
                counted = self._rates(name, codes.of(name)[others], labels[others])
                rates[own] = _mean_rates(counted, codes.of(name)[own])
        return found

    def _rates(self, name: str, codes: Codes, labels: Floats) -> Floats:
        base = (labels.sum() + 0.5) / (len(labels) + 1)
        size = self.fields.vocabularies[name].size
        there = codes != ABSENT
        own = np.repeat(labels, there.sum(1))
        rows = np.bincount(codes[there], minlength=size)
        taken = np.bincount(codes[there], own, minlength=size)
        # Without a prior the rate of a value that no row has would be nothing by nothing.
        prior = max(self.config.prior_rows, 1e-6)
        return np.asarray((taken + prior * base) / (rows + prior))

    @cached_property
    def _places(self) -> Mapping[str, Codes]:
        """The category of every code of the categorical fields, [V]."""
        found = {}
        for name in self._singles:
            places = np.full(self.fields.vocabularies[name].size, NO_CATEGORY, dtype=np.int32)
            chosen = self._most_frequent(name, MOST_CATEGORIES)
            places[chosen + 1] = np.arange(len(chosen))
            found[name] = places
        return found

    @property
    def _singles(self) -> list[str]:
        return self.fields.single_fields

    def _most_frequent(self, name: str, most: int) -> npt.NDArray[np.int64]:
        """Places of the most frequent values in the vocabulary, equal ones in their order."""
        counts = np.array(self.fields.vocabularies[name].counts, dtype=np.int64)
        return np.argsort(-counts, kind="stable")[:most]


def codes_of(encoded: Encoded, fields: FieldEncoder) -> FieldCodes:
    """The codes of encoded rows; of a numeric field only its positions say something."""
    offsets, layout = fields.offsets(), encoded.layout
    codes, positions = {}, {}
    for place, name in enumerate(fields.single_fields):
        codes[name] = encoded.ids[:, place : place + 1] - np.int32(offsets[name])
    for place, name in enumerate(fields.numeric_fields):
        codes[name] = np.full((len(encoded), 1), ABSENT, dtype=np.int32)
        positions[name] = encoded.positions[:, place]
    start = layout.single + layout.numeric
    for name, width in zip(fields.multi_fields, layout.multi, strict=True):
        block = encoded.ids[:, start : start + width]
        codes[name] = np.where(block == 0, ABSENT, block - np.int32(offsets[name]))
        start += width
    return FieldCodes(codes, positions, len(encoded))


def _mean_rates(rates: Floats, codes: Codes) -> Floats:
    there = codes != ABSENT
    total = np.where(there, rates[codes], 0).sum(1)
    return np.asarray(np.where(there.any(1), total / np.maximum(there.sum(1), 1), np.nan))
