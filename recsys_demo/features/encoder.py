"""What a model reads: padded ids into its tables, and quantile positions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recsys_demo.config.components import CrossesConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.features.cross_dictionary import CrossDictionary, combination_keys, fit_crosses
from recsys_demo.features.crosses import parse_crosses
from recsys_demo.features.fields import FieldCodes, FieldEncoder, fit_fields
from recsys_demo.limits import Limits

Ids = npt.NDArray[np.int32]
PADDING = 0


@dataclass(frozen=True, eq=False)
class Encoded:
    """Rows as a model reads them.

    `ids` [rows, K] are rows of the embedding table: single-valued fields, then numeric fields,
    then the blocks of the multi-valued fields, padded with 0. `positions` [rows, Q] are the
    quantile positions of the numeric fields. `crosses` [rows, C] are rows of the cross weights,
    padded with 0. `labels` [rows] are 0 or 1 (zeros for rows without labels).
    """

    ids: Ids
    positions: npt.NDArray[np.float32]
    crosses: Ids
    labels: npt.NDArray[np.float32]
    layout: Layout

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, index: npt.NDArray[np.integer] | slice) -> Encoded:
        """These rows."""
        return replace(
            self,
            ids=self.ids[index],
            positions=self.positions[index],
            crosses=self.crosses[index],
            labels=self.labels[index],
        )


@dataclass(frozen=True)
class Layout:
    """Which columns of `Encoded.ids` belong to what: S single, Q numeric, then multi blocks."""

    single: int
    numeric: int
    multi: tuple[int, ...]

    @property
    def fields(self) -> int:
        """Number of field vectors F."""
        return self.single + self.numeric + len(self.multi)

    @property
    def numeric_columns(self) -> slice:
        """The id columns, and the field vectors, of the numeric fields."""
        return slice(self.single, self.single + self.numeric)

    @property
    def vectors(self) -> int:
        """Number of field vectors the deep part reads: numeric fields enter as numbers."""
        return self.single + len(self.multi)


@dataclass(frozen=True, eq=False)
class Encoder:
    """Fields and crosses of one model, fitted on training rows."""

    fields: FieldEncoder
    crosses: tuple[CrossDictionary, ...] = ()

    @property
    def cross_rows(self) -> int:
        """Rows of the cross weights, padding included."""
        return 1 + sum(dictionary.size for dictionary in self.crosses)

    def cross_offsets(self) -> list[int]:
        """What to add to a dictionary's ids to get rows of the cross weights."""
        sizes = [dictionary.size for dictionary in self.crosses]
        return [sum(sizes[:index]) for index in range(len(sizes))]

    def encode(self, rows: Interactions) -> Encoded:
        """Rows with their labels."""
        codes = self.fields.encode(rows.frame)
        return self.assemble(codes, rows.labels.astype(np.float32))

    def assemble(self, codes: FieldCodes, labels: npt.NDArray[np.float32] | None = None) -> Encoded:
        """Put the codes of all fields and crosses side by side."""
        fields, offsets = self.fields, self.fields.offsets()
        single = [codes.of(name) + np.int32(offsets[name]) for name in fields.single_fields]
        numeric = [
            np.full((len(codes), 1), offsets[name], dtype=np.int32)
            for name in fields.numeric_fields
        ]
        multi = [_shifted(codes.of(name), offsets[name]) for name in fields.multi_fields]
        nothing = np.zeros((len(codes), 0), dtype=np.int32)
        positions = [codes.positions[name].reshape(-1, 1) for name in fields.numeric_fields]
        return Encoded(
            ids=np.concatenate([nothing, *single, *numeric, *multi], axis=1),
            positions=np.concatenate([nothing.astype(np.float32), *positions], axis=1),
            crosses=self.cross_ids(codes),
            labels=np.zeros(len(codes), dtype=np.float32) if labels is None else labels,
            layout=Layout(len(single), len(numeric), tuple(block.shape[1] for block in multi)),
        )

    def cross_ids(self, codes: FieldCodes) -> Ids:
        """Rows of the cross weights of every combination, [rows, C]."""
        blocks = [np.zeros((len(codes), 0), dtype=np.int32)]
        for dictionary, offset in zip(self.crosses, self.cross_offsets(), strict=True):
            ids = dictionary.ids(combination_keys(dictionary.cross, codes, self.fields))
            blocks.append(np.where(ids == 0, PADDING, ids + np.int32(offset)))
        return np.concatenate(blocks, axis=1)


def fit_encoder(
    train: Interactions,
    model: ModelConfig,
    fields: FieldEncoder | None = None,
    limits: Limits | None = None,
) -> Encoder:
    """Fit what this model needs. `fields`, fitted on the same rows, is used again if given.

    Raises InputError with the problems of all crosses.
    """
    limits = limits or Limits.from_environment()
    fields = fields or fit_fields(train, limits)
    config = next((c for c in model.components if isinstance(c, CrossesConfig)), None)
    if config is None:
        return Encoder(fields)
    crosses = parse_crosses(config.crosses, train.schema, limits)
    codes = fields.encode(train.frame)
    return Encoder(
        fields,
        fit_crosses(crosses, codes, fields, config.min_support, config.buckets, limits),
    )


def _shifted(codes: Ids, offset: int) -> Ids:
    return np.where(codes < 0, PADDING, codes + offset).astype(np.int32)
