"""The fields of a log as codes and positions, fitted on training rows only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema
from recsys_demo.features.quantiles import Quantiles, fit_quantiles
from recsys_demo.features.vocabulary import UNKNOWN, Codes, Vocabulary, fit_vocabulary
from recsys_demo.limits import Limits


@dataclass(frozen=True, eq=False)
class FieldCodes:
    """Every field of some rows in numbers.

    `codes[field]` is [rows, values at most] with -1 where there is no value, 0 for an unknown one;
    for a numeric field it is the bin that crosses see, [rows, 1]. `positions[field]` is the
    quantile position of a numeric field, [rows].
    """

    codes: Mapping[str, Codes]
    positions: Mapping[str, npt.NDArray[np.float32]]
    rows: int

    def __len__(self) -> int:
        return self.rows

    def of(self, field: str) -> Codes:
        """The codes of one field."""
        return self.codes[field]

    def take(self, index: npt.NDArray[np.integer]) -> FieldCodes:
        """These rows."""
        return FieldCodes(
            {name: codes[index] for name, codes in self.codes.items()},
            {name: positions[index] for name, positions in self.positions.items()},
            len(index),
        )


@dataclass(frozen=True, eq=False)
class FieldEncoder:
    """Vocabularies and quantiles of all fields, and where each stands in the embedding table.

    Row 0 of the table is padding: always zero. The other rows belong to the fields in order: of a
    vocabulary first the unknown value, then its values; of a numeric field a single row, which
    the quantile position multiplies.
    """

    schema: Schema
    vocabularies: Mapping[str, Vocabulary]
    quantiles: Mapping[str, Quantiles]

    @property
    def single_fields(self) -> list[str]:
        """Categorical fields in the order of their columns."""
        return [n for n in self.schema.fields if n in self.vocabularies and not self._multi(n)]

    @property
    def multi_fields(self) -> list[str]:
        """Multi-valued fields in the order of their columns."""
        return [name for name in self.schema.fields if self._multi(name)]

    @property
    def numeric_fields(self) -> list[str]:
        """Numeric fields in the order of their columns."""
        return [name for name in self.schema.fields if name in self.quantiles]

    def offsets(self) -> dict[str, int]:
        """First row of each field in the embedding table."""
        offsets, at = {}, 1
        for name in self.schema.fields:
            offsets[name] = at
            at += self.vocabularies[name].size if name in self.vocabularies else 1
        return offsets

    @property
    def table_rows(self) -> int:
        """Rows of the embedding table, padding included."""
        return 1 + len(self.quantiles) + sum(v.size for v in self.vocabularies.values())

    def encode(self, frame: pd.DataFrame) -> FieldCodes:
        """Rows with a column per field, as `Interactions.frame` has them."""
        codes = {name: v.encode(frame[name]) for name, v in self.vocabularies.items()}
        codes |= {name: q.bins(frame[name]) for name, q in self.quantiles.items()}
        positions = {name: q.positions(frame[name]) for name, q in self.quantiles.items()}
        return FieldCodes(codes, positions, len(frame))

    def cross_size(self, field: str) -> int:
        """Number of codes a field brings into a cross, the unknown one included."""
        if field in self.quantiles:
            return self.quantiles[field].n_bins + 1
        return self.vocabularies[field].size

    def cross_code(self, field: str, value: str) -> int:
        """The code of a value in a condition, `UNKNOWN` if training rows did not have it."""
        if field in self.quantiles:
            names = self.condition_values(field)
            return names.index(value) + 1 if value in names else UNKNOWN
        return self.vocabularies[field].code_of(value)

    def condition_values(self, field: str) -> Sequence[str]:
        """What a condition on a field can ask for, in the order of the codes."""
        if field in self.quantiles:
            quantiles = self.quantiles[field]
            return [quantiles.bin_name(i) for i in range(1, quantiles.n_bins + 1)]
        return self.vocabularies[field].values

    def value_name(self, field: str, code: int) -> str:
        """A code of a field as a person reads it."""
        if field in self.quantiles:
            return self.quantiles[field].bin_name(code)
        return self.vocabularies[field].name(code)

    def _multi(self, name: str) -> bool:
        return name in self.vocabularies and self.vocabularies[name].multi


def fit_fields(train: Interactions, limits: Limits | None = None) -> FieldEncoder:
    """Vocabularies and quantiles of the training rows. Raises InputError over a limit."""
    limits = limits or Limits.from_environment()
    vocabularies, quantiles = {}, {}
    for name, field in train.schema.fields.items():
        column = train.frame[name]
        if field.kind == "numeric":
            quantiles[name] = fit_quantiles(column, name, field.quantiles)
        else:
            vocabularies[name] = fit_vocabulary(
                column,
                name,
                multi=field.kind == "multi",
                separator=train.separator(name),
                min_count=field.min_count,
                limits=limits,
            )
    return FieldEncoder(train.schema, vocabularies, quantiles)
