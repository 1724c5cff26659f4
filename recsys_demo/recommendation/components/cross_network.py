"""The cross network in numpy: the first layer's product is a sum over fields, the layers above see
whole rows.

Shapes: n rows, F fields, k numbers per vector, d = F k.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from recsys_demo.config.components import CrossNetworkConfig
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.components.field_shares import FieldShares, SummingServe
from recsys_demo.recommendation.weights import Floats, Index, Reals, Singles, Weights


class CrossNetworkServe(SummingServe):
    """Halves are a row's vectors at their places among zeros, and their first product,
    [n, 2, d]."""

    def __init__(self, config: CrossNetworkConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        self.settings = config
        self.own = self.half(items)

    @cached_property
    def places(self) -> list[str]:
        """The fields in the order of their vectors."""
        fields = self.weights.encoder.fields
        return [*fields.single_fields, *fields.numeric_fields, *fields.multi_fields]

    def half(self, codes: FieldCodes) -> Singles:
        x = np.asarray(self.shares(codes).sum(1, dtype=np.float32))
        return np.stack([x, self._product(x, 0)], axis=1)

    def logits(self, query: Singles, rows: Index | None = None) -> Floats:
        both = (self.own if rows is None else self.own[rows]) + query
        return self._above(both[:, 0], both[:, 1])

    def whole(self, codes: FieldCodes) -> Floats:
        read = [self.weights.vector("cross_network", codes, name) for name in self.places]
        return self.network(np.concatenate(read, axis=1))

    def shares(self, codes: FieldCodes) -> Singles:
        """Each field's vector at its place among zeros, in the order of the codes, [n, F, d]."""
        size = self.weights.table("cross_network").shape[1]
        shares = np.zeros((len(codes), len(codes.codes), len(self.places) * size), np.float32)
        for place, name in enumerate(codes.codes):
            first = self.places.index(name) * size
            shares[:, place, first : first + size] = self.weights.vector(
                "cross_network", codes, name
            )
        return shares

    def network(self, sums: Reals) -> Floats:
        """The logit from the rows' vectors side by side [n, d], [n]."""
        return self._above(sums, self._product(sums, 0))

    def _above(self, start: Reals, first: Reals) -> Floats:
        """The logit from x_0 and W_0 x_0, [n, d] each."""
        x, weights = start, self.weights
        for layer in range(self.settings.layers):
            product = self._product(x, layer) if layer else first
            x = start * (product + weights[f"cross_network.bias{layer}"]) + x
        return np.asarray((x @ weights["cross_network.last"]).astype(np.float64))

    def _product(self, x: Reals, layer: int) -> Reals:
        """W_l x of every row, [n, d]."""
        weights, at = self.weights, f"cross_network.{{}}{layer}".format
        if self.settings.rank is None:
            return np.asarray(x @ weights[at("weight")].T)
        return np.asarray(x @ weights[at("down")].T @ weights[at("up")].T)


class CrossNetworkExplain(FieldShares[CrossNetworkServe]):
    """A term for an average row, and the share of each field."""

    part = "cross_network"
    note = (
        "The cross network's terms are exact Shapley values, by the same average row as the "
        "network's."
    )
