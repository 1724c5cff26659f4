"""Factorization machine interactions of orders 2 to 5."""

from __future__ import annotations

from typing import Self

import numpy as np
import torch
from torch import Tensor

from recsys_demo.config.components import FmConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.optimizers import DenseOptimizer
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Backward, Batch, Component, Floats, Vectors
from recsys_demo.models.kernels import interactions as kernels
from recsys_demo.models.parameters import Dense


class Fm(Component[FmConfig]):
    """sum over i<j of <V_i, V_j> x_i x_j (DeepFM, equation 2), and optionally higher orders.

    The vectors are the ranker's. With field weights every pair's product is multiplied by one
    number r_ij (FwFM: Pan et al. 2018, arXiv 1806.03514), which starts at 1 and is trained by the
    vectors' optimizer, without its L2.
    """

    def __init__(self, config: FmConfig, fields: int, optimizer: DenseOptimizer) -> None:
        self.order = config.order
        self.pairs = np.triu_indices(fields, 1)
        self.parameters: Dense | None = None
        if config.field_weights:
            unpulled = optimizer.model_copy(update={"l2": 0.0})
            self.parameters = Dense({"pairs": (len(self.pairs[0]),)}, unpulled)
            self.parameters.flat.fill_(1.0)

    @classmethod
    def of(cls, config: FmConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(config, len(encoder.fields.schema.fields), model.embedding.optimizer)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        return torch.from_numpy(self.forward(batch, vectors)[0])

    def forward(self, batch: Batch, vectors: Vectors | None) -> tuple[Floats, Backward]:
        if vectors is None:
            raise ValueError("FM needs field vectors")
        if self.parameters is None:
            return interactions(vectors, self.order)
        pairs, pairs_back = self._weighted_pairs(vectors, self.parameters)
        if self.order == 2:
            return pairs, pairs_back
        higher, higher_back = _products(vectors, 3, self.order)

        def backward(gradient: Floats) -> None:
            pairs_back(gradient)
            higher_back(gradient)

        return pairs + higher, backward

    def _weighted_pairs(self, vectors: Vectors, parameters: Dense) -> tuple[Floats, Backward]:
        """sum over i<j of r_ij <v_i, v_j> [n], and what brings its derivative back."""
        values = vectors.all.numpy()
        weights = np.zeros((values.shape[1], values.shape[1]), dtype=np.float32)
        weights[self.pairs] = parameters.values["pairs"]
        out, slopes = np.empty(len(values), dtype=np.float32), np.empty_like(values)
        kernels.weighted_pairs(values, weights + weights.T, out, slopes)

        def backward(gradient: Floats) -> None:
            kernels.gather_pair_weights(gradient, values, parameters.gradients["pairs"])
            _add(vectors, slopes, gradient)

        return out, backward

    def dense(self) -> Dense | None:
        return self.parameters

    def state(self) -> dict[str, Tensor]:
        return {} if self.parameters is None else self.parameters.state()


def interactions(vectors: Vectors, order: int) -> tuple[Floats, Backward]:
    """Sum of all products of 2 ... `order` different vectors, summed over d: [n]. And what brings
    its derivative to the vectors."""
    return _pairs(vectors) if order == 2 else _products(vectors, 2, order)


def _pairs(vectors: Vectors) -> tuple[Floats, Backward]:
    values = vectors.all.numpy()
    out = np.empty(len(values), dtype=np.float32)
    totals = np.empty((len(values), values.shape[2]), dtype=np.float32)
    kernels.pair_interactions(values, out, totals)

    def backward(gradient: Floats) -> None:
        kernels.add_pair_gradients(gradient, values, totals, vectors.gradient)

    return out, backward


def _products(vectors: Vectors, lowest: int, order: int) -> tuple[Floats, Backward]:
    values = vectors.all.numpy()
    out, slopes = np.empty(len(values), dtype=np.float32), np.empty_like(values)
    kernels.interactions(values, lowest, order, out, slopes)

    def backward(gradient: Floats) -> None:
        _add(vectors, slopes, gradient)

    return out, backward


def _add(vectors: Vectors, slopes: Floats, gradient: Floats) -> None:
    np.add(vectors.gradient, slopes * gradient[:, None, None], out=vectors.gradient)
