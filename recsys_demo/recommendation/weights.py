"""The numbers of a trained ranker, in numpy and without torch, and the codes they are looked up by.

Shapes: n rows, F fields of one side, d numbers per vector.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.config.component_kinds import BIAS
from recsys_demo.config.components import Kind
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.vocabulary import ABSENT, MISSING
from recsys_demo.models.size import embedding_names
from recsys_demo.recommendation.query import Query

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Reals = Singles | Floats
Index = npt.NDArray[np.int64]
State = Mapping[str, npt.NDArray[np.float32]]


def encode_side(frame: pd.DataFrame, fields: FieldEncoder, names: Sequence[str]) -> FieldCodes:
    """The codes of some fields only, as `FieldEncoder.encode` gives them for all."""
    codes, positions = {}, {}
    for name in names:
        if name in fields.vocabularies:
            codes[name] = fields.vocabularies[name].encode(frame[name])
        else:
            codes[name] = fields.quantiles[name].bins(frame[name])
            positions[name] = fields.quantiles[name].positions(frame[name])
    return FieldCodes(codes, positions, len(frame))


def encode_query(query: Query, fields: FieldEncoder) -> FieldCodes:
    """The codes of one query, [1, values at most] each: what `encode_side` gives for
    `query_frame`, without the milliseconds that a frame costs."""
    codes, positions = {}, {}
    for name, value in query.values:
        if name in fields.quantiles:
            column = pd.Series([math.nan if value is None else value], dtype="float64")
            codes[name] = fields.quantiles[name].bins(column)
            positions[name] = fields.quantiles[name].positions(column)
        else:
            vocabulary = fields.vocabularies[name]
            values = value if isinstance(value, tuple) else (str(value or MISSING),)
            # Several unknown values of a cell say no more than one.
            own = dict.fromkeys(vocabulary.code_of(single) for single in values) or [ABSENT]
            codes[name] = np.array([list(own)], dtype=np.int32)
    return FieldCodes(codes, positions, 1)


class Weights:
    """What a ranker has learned (`state`), and how the codes of a field find their part of it."""

    def __init__(self, config: ModelConfig, encoder: Encoder, state: State) -> None:
        self.encoder = encoder
        self.state = state
        self.bias = float(state[BIAS][0])
        self._offsets = encoder.fields.offsets()
        self._tables = embedding_names(config)

    def __getitem__(self, name: str) -> Singles:
        return self.state[name]

    def first_row(self, name: str) -> int:
        """The row of a table at which a field begins; a numeric field has no other."""
        return self._offsets[name]

    def rows(self, codes: FieldCodes, name: str) -> Index:
        """Rows of a table for the codes of a field, 0 where there is no value."""
        own = codes.of(name).astype(np.int64)
        return np.where(own == ABSENT, 0, own + self._offsets[name])

    def table(self, kind: Kind) -> Singles:
        """The vectors that a component reads, [rows, d]."""
        return self.state[self._tables[kind]]

    def vector(self, kind: Kind, codes: FieldCodes, name: str) -> Floats:
        """A field's vector as the component sees it, [n, d]: the mean of a multi-valued field's
        values, a numeric field's own times the position."""
        table = self.table(kind)
        if name in codes.positions:
            own = table[self._offsets[name]].astype(np.float64)
            return np.asarray(codes.positions[name].astype(np.float64)[:, None] * own)
        rows = self.rows(codes, name)
        count = np.maximum((rows != 0).sum(1, keepdims=True), 1)
        return np.asarray(table[rows].sum(1, dtype=np.float64) / count)

    def vectors(self, kind: Kind, codes: FieldCodes) -> Floats:
        """One vector per field, in the order of the codes, [n, F, d]."""
        found = [self.vector(kind, codes, name) for name in codes.codes]
        size = self.table(kind).shape[1]
        return np.stack(found, axis=1) if found else np.zeros((len(codes), 0, size))
