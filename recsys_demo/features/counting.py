"""Fitting an encoder to rows that come in pieces: the same as fitting it to all of them at once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from recsys_demo.config.components import CrossesConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema
from recsys_demo.features.cross_dictionary import (
    CrossDictionary,
    check_cross,
    counted_combinations,
    dictionary_of,
    joined_counts,
)
from recsys_demo.features.crosses import Cross
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.quantiles import number_counts, quantiles_of
from recsys_demo.features.vocabulary import value_counts, vocabulary_of
from recsys_demo.limits import Limits

Numbers = npt.NDArray[np.float64]
Keys = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int64]


class FieldCounter:
    """Counts the values of every field. Memory grows with the different values, not the rows."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._separators: dict[str, str] = {}
        self._values: dict[str, Counter[str]] = {}
        self._numbers: dict[str, tuple[Numbers, Counts]] = {}

    def add(self, rows: Interactions) -> None:
        """More training rows."""
        for name, field in self._schema.fields.items():
            column = rows.frame[name]
            if field.kind == "numeric":
                more = number_counts(column)
                known = self._numbers.get(name)
                self._numbers[name] = more if known is None else joined_counts(known, more)
            else:
                self._separators[name] = rows.separator(name)
                counts = value_counts(column, field.kind == "multi", rows.separator(name))
                self._values.setdefault(name, Counter()).update(counts)

    def fit(self, limits: Limits) -> FieldEncoder:
        """What `fit_fields` makes of all rows together. Raises InputError over a limit."""
        fields = self._schema.fields
        vocabularies = {
            name: vocabulary_of(
                counts,
                name,
                fields[name].kind == "multi",
                self._separators[name],
                fields[name].min_count,
                limits,
            )
            for name, counts in self._values.items()
        }
        quantiles = {
            name: quantiles_of(*counted, name, fields[name].quantiles)
            for name, counted in self._numbers.items()
        }
        return FieldEncoder(self._schema, vocabularies, quantiles)


class CrossCounter:
    """Counts the combinations of one cross. Memory grows with the different combinations."""

    def __init__(self, cross: Cross, encoder: FieldEncoder, limits: Limits) -> None:
        self._cross, self._encoder, self._limits = cross, encoder, limits
        self._counted: tuple[Keys, Counts] | None = None

    def add(self, codes: FieldCodes) -> None:
        """More training rows. Raises InputError if the cross is over a limit."""
        check_cross(self._cross, codes, self._encoder, self._limits)
        more = counted_combinations(self._cross, codes, self._encoder)
        self._counted = more if self._counted is None else joined_counts(self._counted, more)

    def fit(self, config: CrossesConfig) -> CrossDictionary:
        """What `fit_cross` makes of all rows together."""
        nothing = np.zeros(0, dtype=np.int64)
        keys, support = self._counted or (nothing, nothing)
        return dictionary_of(
            self._cross, keys, support, self._encoder, config.min_support, config.buckets
        )
