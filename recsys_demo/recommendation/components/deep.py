"""The network in numpy: the first layer is a sum over fields, the layers above see that sum.

Shapes: n rows, F fields, h neurons of the first layer.
"""

from __future__ import annotations

import numpy as np

from recsys_demo.config.components import DeepConfig
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.activations import ACTIVATIONS, normalized
from recsys_demo.recommendation.components.field_shares import FieldShares, SummingServe
from recsys_demo.recommendation.weights import Floats, Index, Reals, Singles, Weights


class DeepServe(SummingServe):
    """Halves are shares of the first layer's sums, [n, h]."""

    def __init__(self, config: DeepConfig, weights: Weights, items: FieldCodes) -> None:
        super().__init__(config, weights, items)
        self.settings = config
        self.own = self.half(items)

    def half(self, codes: FieldCodes) -> Singles:
        return np.asarray(self.shares(codes).sum(1, dtype=np.float32))

    def logits(self, query: Singles, rows: Index | None = None) -> Floats:
        own = self.own if rows is None else self.own[rows]
        return self.network(own + query)

    def whole(self, codes: FieldCodes) -> Floats:
        fields = self.weights.encoder.fields
        names = [*fields.single_fields, *fields.multi_fields]
        read = [self.weights.vector("deep", codes, name) for name in names]
        read += [
            codes.positions[name][:, None].astype(np.float64) for name in fields.numeric_fields
        ]
        return self.network(np.concatenate(read, axis=1) @ self.weights["deep.weight0"].T)

    def shares(self, codes: FieldCodes) -> Singles:
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

    def network(self, sums: Reals) -> Floats:
        """The logit from the first layer's sums without its bias [n, h], [n]."""
        settings, weights = self.settings, self.weights
        x = sums + weights["deep.bias0"]
        for layer in range(len(settings.hidden)):
            if settings.batch_norm:
                x = normalized(x, weights.state, layer)
            x = ACTIVATIONS[settings.activation](x)
            x = x @ weights[f"deep.weight{layer + 1}"].T + weights[f"deep.bias{layer + 1}"]
        return np.asarray(x[:, 0].astype(np.float64))


class DeepExplain(FieldShares[DeepServe]):
    """A term for an average row, and the share of each field."""

    part = "deep"
    note = (
        "The network's terms are exact Shapley values: what a field adds to the network's logit, "
        "averaged over all orders in which fields can become known. The baseline is an average "
        "row: every field of the shown item at its mean vector over the catalogue, every other "
        "field at its mean over the people known."
    )
