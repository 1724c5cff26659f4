"""Scoring one query against a whole catalogue, in numpy and without torch.

A row's logit is split into what depends on the query, what depends on the item, and what depends
on both. The item's share is computed once per run, so that a list costs one sum, one product with
the FM kernels, the crosses the query can have, and the network above its first layer.

Shapes: n items, F fields of one side, d numbers per vector, h neurons of the first layer, t order
of FM. `Ranker.parts` on whole rows is the oracle of the tests.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys_demo.config.model import DeepConfig, FmConfig, ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.features.fields import FieldCodes, FieldEncoder
from recsys_demo.features.vocabulary import ABSENT, MISSING
from recsys_demo.models.size import embedding_names
from recsys_demo.recommendation.activations import ACTIVATIONS, normalized
from recsys_demo.recommendation.matching import CrossIndex, side_keys
from recsys_demo.recommendation.query import Query

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
State = Mapping[str, npt.NDArray[np.float32]]
BIAS = "bias"


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


@dataclass(frozen=True, eq=False)
class Half:
    """What the fields of one side, query or item, bring to the logits of n rows.

    `linear` [n]; `kernels` [n, t + 1, d]: elementary symmetric polynomials of their FM vectors, the
    0-th all ones; `hidden` [n, h]: their share of the first layer's sums.
    """

    codes: FieldCodes
    linear: Floats
    kernels: Floats | None
    hidden: Singles | None

    def __len__(self) -> int:
        return len(self.linear)

    def take(self, rows: Index) -> Half:
        """These rows."""
        return replace(
            self,
            codes=self.codes.take(rows),
            linear=self.linear[rows],
            kernels=None if self.kernels is None else self.kernels[rows],
            hidden=None if self.hidden is None else self.hidden[rows],
        )


class ServingModel:
    """A trained ranker's numbers, ready to score halves against each other."""

    def __init__(self, config: ModelConfig, encoder: Encoder, state: State) -> None:
        self.config = config
        self.encoder = encoder
        self.state = state
        self.bias = float(state[BIAS][0])
        parts = {part.kind: part for part in config.components}
        deep, fm = parts.get("deep"), parts.get("fm")
        self.deep = deep if isinstance(deep, DeepConfig) else None
        self.order = fm.order if isinstance(fm, FmConfig) else 0
        self._offsets = encoder.fields.offsets()
        self._tables = embedding_names(config)

    @property
    def kinds(self) -> list[str]:
        """The components, in the order of the configuration."""
        return [part.kind for part in self.config.components]

    def half(self, codes: FieldCodes) -> Half:
        """What the fields of these codes bring."""
        vectors = self.vectors("fm", codes) if self.order else None
        return Half(
            codes=codes,
            linear=self.linear(codes) if "linear" in self.kinds else np.zeros(len(codes)),
            kernels=None if vectors is None else kernels(vectors, self.order),
            hidden=self.hidden(codes).sum(1, dtype=np.float32) if self.deep else None,
        )

    def linear(self, codes: FieldCodes) -> Floats:
        """Sum of the fields' weights, [n]."""
        total = np.zeros(len(codes))
        for name in codes.codes:
            total += self.linear_terms(codes, name).sum(1)
        return total

    def linear_terms(self, codes: FieldCodes, name: str) -> Floats:
        """The weight of every value of a field, [n, values at most]."""
        weights = self.state["linear.weights"][:, 0]
        if name in codes.positions:
            weight = float(weights[self._offsets[name]])
            return np.asarray(weight * codes.positions[name].astype(np.float64)[:, None])
        return np.asarray(weights[self._rows(codes, name)].astype(np.float64))

    def vectors(self, component: str, codes: FieldCodes) -> Floats:
        """One vector per field in the order of the codes, as FM sees them, [n, F, d]: a
        multi-valued field the mean of its values', a numeric one its own times the position."""
        table = self.state[self._tables[component]]
        found = [self._vector(table, codes, name) for name in codes.codes]
        return np.stack(found, axis=1) if found else np.zeros((len(codes), 0, table.shape[1]))

    def _vector(self, table: npt.NDArray[np.float32], codes: FieldCodes, name: str) -> Floats:
        if name in codes.positions:
            own = table[self._offsets[name]].astype(np.float64)
            return np.asarray(codes.positions[name].astype(np.float64)[:, None] * own)
        rows = self._rows(codes, name)
        count = np.maximum((rows != 0).sum(1, keepdims=True), 1)
        return np.asarray(table[rows].sum(1, dtype=np.float64) / count)

    def hidden(self, codes: FieldCodes) -> Singles:
        """Each field's share of the first layer's sums, in the order of the codes, [n, F, h]."""
        fields = self.encoder.fields
        weight = self.state["deep.weight0"]
        table = self.state[self._tables["deep"]]
        size = table.shape[1]
        vectors = [*fields.single_fields, *fields.multi_fields]
        shares = np.zeros((len(codes), len(codes.codes), len(weight)), dtype=np.float32)
        for place, name in enumerate(codes.codes):
            if name in codes.positions:
                column = len(vectors) * size + fields.numeric_fields.index(name)
                shares[:, place] = codes.positions[name][:, None] * weight[:, column]
            else:
                first = vectors.index(name) * size
                vector = self._vector(table, codes, name).astype(np.float32)
                shares[:, place] = vector @ weight[:, first : first + size].T
        return shares

    def network(self, sums: Singles) -> Floats:
        """The deep logit from the first layer's sums without its bias [n, h], [n]."""
        if self.deep is None:
            raise ValueError("this model has no deep part")
        x = sums + self.state["deep.bias0"]
        for layer in range(len(self.deep.hidden)):
            if self.deep.batch_norm:
                x = normalized(x, self.state, layer)
            x = ACTIVATIONS[self.deep.activation](x)
            x = x @ self.state[f"deep.weight{layer + 1}"].T + self.state[f"deep.bias{layer + 1}"]
        return np.asarray(x[:, 0].astype(np.float64))

    def cross_weights(self, number: int) -> Singles:
        """Weights of one cross; place 0 is for combinations without one."""
        first = self.encoder.cross_offsets()[number] + 1
        size = self.encoder.crosses[number].size
        own = self.state["crosses.weights"][first : first + size, 0]
        return np.concatenate([np.zeros(1, dtype=np.float32), own])

    def _rows(self, codes: FieldCodes, name: str) -> Index:
        """Rows of a table for the codes of a field, 0 where there is no value."""
        own = codes.of(name).astype(np.int64)
        return np.where(own == ABSENT, 0, own + self._offsets[name])


def kernels(vectors: Floats, order: int) -> Floats:
    """Elementary symmetric polynomials of degrees 0 ... `order` over the fields of vectors
    [n, F, d], [n, order + 1, d] (Blondel et al. 2016, algorithm 1)."""
    n, fields, size = vectors.shape
    found = np.zeros((n, order + 1, size))
    found[:, 0] = 1
    for field in range(fields):
        found[:, 1:] = found[:, 1:] + vectors[:, field, None] * found[:, :-1]
    return found


class ItemSide:
    """The catalogue's half, computed once, and the lookup of its crosses."""

    def __init__(self, model: ServingModel, codes: FieldCodes) -> None:
        self.model = model
        self.half = model.half(codes)
        self.crosses = [
            CrossIndex(
                dictionary,
                codes.codes,
                side_keys(dictionary, codes, model.encoder.fields),
                model.cross_weights(number),
            )
            for number, dictionary in enumerate(model.encoder.crosses)
        ]

    def parts(self, query: Half, rows: Index | None = None) -> dict[str, Floats]:
        """What bias and components add to the logit of every item, or of these, [n] each."""
        half = self.half if rows is None else self.half.take(rows)
        parts = {BIAS: np.full(len(half), self.model.bias)}
        for kind in self.model.kinds:
            parts[kind] = getattr(self, f"_{kind}")(query, half, rows)
        return parts

    def logits(self, query: Half, rows: Index | None = None) -> Floats:
        """The logit of every item, or of these, [n]."""
        total = np.zeros(len(self.half) if rows is None else len(rows))
        for part in self.parts(query, rows).values():
            total += part
        return total

    def _linear(self, query: Half, half: Half, rows: Index | None) -> Floats:
        return np.asarray(half.linear + query.linear[0])

    def _crosses(self, query: Half, half: Half, rows: Index | None) -> Floats:
        total = np.zeros(len(half))
        for cross in self.crosses:
            keys = side_keys(cross.dictionary, query.codes, self.model.encoder.fields)
            total += cross.scores(keys[0], rows)
        return total

    def _fm(self, query: Half, half: Half, rows: Index | None) -> Floats:
        # e_t of all fields = sum over i of e_i(items) e_(t - i)(query), summed over t >= 2.
        if query.kernels is None or half.kernels is None:
            raise ValueError("this model has no FM part")
        own, order = query.kernels[0], self.model.order
        weights = np.stack([own[max(2 - i, 0) : order - i + 1].sum(0) for i in range(order + 1)])
        return np.asarray(np.tensordot(half.kernels, weights, axes=2))

    def _deep(self, query: Half, half: Half, rows: Index | None) -> Floats:
        if query.hidden is None or half.hidden is None:
            raise ValueError("this model has no deep part")
        return self.model.network(half.hidden + query.hidden)
