"""The network in numpy: the first layer is a sum over fields, the layers above see that sum.

An explanation gives each field its exact Shapley value against an average row: v(S) is the deep
logit where the fields in S have their values and all others an average one. The first layer being a
sum, all 2^F rows cost one product each.

Shapes: n rows, F fields, h neurons of the first layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from recsys_demo.config.components import DeepConfig
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.activations import ACTIVATIONS, normalized
from recsys_demo.recommendation.components.base import Explain, Row, Serve, Term
from recsys_demo.recommendation.shapley import members, shapley_values
from recsys_demo.recommendation.weights import Floats, Index, Singles, Weights

MOST_PLAYERS = 12
BLOCK = 4096
AVERAGE = "all fields average"


class DeepServe(Serve):
    """Halves are shares of the first layer's sums, [n, h]."""

    def __init__(self, config: DeepConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        self.settings = config
        self.own = self.half(items)

    def half(self, codes: FieldCodes) -> Singles:
        return np.asarray(self.hidden(codes).sum(1, dtype=np.float32))

    def logits(self, query: Singles, rows: Index | None = None) -> Floats:
        own = self.own if rows is None else self.own[rows]
        return self.network(own + query)

    def hidden(self, codes: FieldCodes) -> Singles:
        """Each field's share of the first layer's sums, in the order of the codes, [n, F, h]."""
        fields = self.weights.encoder.fields
        weight = self.weights["deep.weight0"]
        size = self.weights.table("deep").shape[1]
        vectors = [*fields.single_fields, *fields.multi_fields]
        shares = np.zeros((len(codes), len(codes.codes), len(weight)), dtype=np.float32)
        for place, name in enumerate(codes.codes):
            if name in codes.positions:
                column = len(vectors) * size + fields.numeric_fields.index(name)
                shares[:, place] = codes.positions[name][:, None] * weight[:, column]
            else:
                first = vectors.index(name) * size
                vector = self.weights.vector("deep", codes, name).astype(np.float32)
                shares[:, place] = vector @ weight[:, first : first + size].T
        return shares

    def network(self, sums: Singles) -> Floats:
        """The logit from the first layer's sums without its bias [n, h], [n]."""
        settings, weights = self.settings, self.weights
        x = sums + weights["deep.bias0"]
        for layer in range(len(settings.hidden)):
            if settings.batch_norm:
                x = normalized(x, weights.state, layer)
            x = ACTIVATIONS[settings.activation](x)
            x = x @ weights[f"deep.weight{layer + 1}"].T + weights[f"deep.bias{layer + 1}"]
        return np.asarray(x[:, 0].astype(np.float64))


class DeepExplain(Explain[DeepServe]):
    """A term for an average row, and each field's share of what this row has more. Beyond
    `MOST_PLAYERS` fields, those that matter least alone have one term together."""

    note = (
        "The network's terms are exact Shapley values: what a field adds to the network's logit, "
        "averaged over all orders in which fields can become known. The baseline is an average "
        "row: every field of the shown item at its mean vector over the catalogue, every other "
        "field at its mean over the people known."
    )

    def terms(self, row: Row) -> Iterator[Term]:
        names = list(row.codes.codes)
        base = np.stack([self.averages[name] for name in names])
        more = self.serve.hidden(row.codes)[0] - base
        players = self._players(names, base, more)
        gains = np.stack([more[[names.index(n) for n in p]].sum(0) for p in players])
        values = self._values(gains, base.sum(0))
        yield Term("deep", AVERAGE, (), float(values[0]))
        for own, value in zip(players, shapley_values(values).tolist(), strict=True):
            told = row.field(own[0]) if len(own) == 1 else f"{len(own)} other fields"
            yield Term("deep", told, own, value)

    @cached_property
    def averages(self) -> Mapping[str, Singles]:
        """Each field's mean share of the first layer's sums, [h] each: of an item field over the
        catalogue, of any other over the queries known."""
        return self._means(self.serve.items) | self._means(self.known())

    def _means(self, codes: FieldCodes) -> dict[str, Singles]:
        total = np.zeros((len(codes.codes), len(self.serve.weights["deep.weight0"])))
        for start in range(0, len(codes), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(codes)))
            total += self.serve.hidden(codes.take(rows)).sum(0, dtype=np.float64)
        means = (total / max(len(codes), 1)).astype(np.float32)
        return dict(zip(codes.codes, means, strict=True))

    def _values(self, gains: Singles, base: Singles) -> Floats:
        """The deep logit of every coalition, [2^players]."""
        who = members(len(gains))
        pieces = [
            self.serve.network(who[start : start + BLOCK] @ gains + base)
            for start in range(0, len(who), BLOCK)
        ]
        return np.concatenate(pieces)

    def _players(self, names: list[str], base: Singles, more: Singles) -> list[tuple[str, ...]]:
        if len(names) <= MOST_PLAYERS:
            return [(name,) for name in names]
        whole = base.sum(0) + more.sum(0)
        lost = self.serve.network(whole - more) - self.serve.network(whole[None])
        order = np.argsort(-np.abs(lost), kind="stable")
        alone = sorted(order[: MOST_PLAYERS - 1].tolist())
        rest = sorted(order[MOST_PLAYERS - 1 :].tolist())
        return [*[(names[i],) for i in alone], tuple(names[i] for i in rest)]
