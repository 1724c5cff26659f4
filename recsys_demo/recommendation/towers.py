"""Two towers in numpy: every item's vector once, a query's when it is asked, nearest by product.

The catalogue is small, so that all products are made and the largest are exactly found. For
millions of items an index of approximate nearest neighbours (inverted lists, or a graph such as
HNSW) looks at a few thousand of them and misses some of the best.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from recsys_demo.errors import InputError
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.vocabulary import ABSENT
from recsys_demo.recommendation.query import Query, query_fields
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.weights import Floats, encode_query

Singles = npt.NDArray[np.float32]


class Towers:
    """Trained towers (`training.towers.TwoTowers.state`) over a recommender's catalogue. Raises
    ValueError if they were trained on other fields."""

    def __init__(self, state: Mapping[str, npt.NDArray[Any]], recommender: Recommender) -> None:
        self.state = state
        self.fields: FieldEncoder = recommender.encoder.fields
        schema = self.fields.schema
        of_query = query_fields(schema)
        self.names = {
            "query": [name for name in schema.fields if name in of_query],
            "item": [name for name in schema.fields if name not in of_query],
        }
        size = state["vectors"].shape[1]
        for side, names in self.names.items():
            if state[f"{side}.weight0"].shape[1] != len(names) * size:
                raise ValueError(f"the {side} tower reads other fields")
        if len(state["vectors"]) != self.fields.table_rows:
            raise ValueError("the towers know other values")
        self.items = self.tower("item", recommender.item_codes)

    @classmethod
    def of_file(cls, path: Path, recommender: Recommender) -> Towers:
        """What a job has saved. Raises InputError if it cannot be used."""
        try:
            return cls(load_file(path), recommender)
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise InputError.of(
                what="the two towers cannot be used",
                where=str(path),
                got=str(error),
                expected="towers trained on this log",
                remedy="Train them again.",
            ) from None

    def scores(self, query: Query) -> Floats:
        """The product of the query's vector with every item's, [items]."""
        own = self.tower("query", encode_query(query, self.fields))[0]
        return np.asarray(self.items @ own, dtype=np.float64)

    def tower(self, side: str, codes: FieldCodes) -> Singles:
        """The vector of each row, [n, d]."""
        x = np.concatenate([self._vector(codes, name) for name in self.names[side]], axis=1)
        x = np.maximum(x @ self.state[f"{side}.weight0"].T + self.state[f"{side}.bias0"], 0)
        return np.asarray(x @ self.state[f"{side}.weight1"].T)

    def _vector(self, codes: FieldCodes, name: str) -> Singles:
        table, offset = self.state["vectors"], self.fields.offsets()[name]
        if name in codes.positions:
            return np.asarray(codes.positions[name][:, None] * table[offset])
        own = codes.of(name)
        there = (own != ABSENT)[:, :, None]
        total = np.where(there, table[np.maximum(own, 0) + offset], 0).sum(1, dtype=np.float32)
        return np.asarray(total / np.maximum(there.sum(1), 1), dtype=np.float32)
