"""Factorization machine interactions of orders 2 to 5."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from recsys_demo.config.components import FmConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.config.optimizers import DenseOptimizer
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.kernels import pair_interactions
from recsys_demo.models.parameters import Dense


class Fm(Component[FmConfig]):
    """sum over i<j of <V_i, V_j> x_i x_j (DeepFM, equation 2), and optionally higher orders.

    The vectors are the ranker's. With field weights every pair's product is multiplied by one
    number r_ij (FwFM: Pan et al. 2018, arXiv 1806.03514), which starts at 1 and is trained by the
    vectors' optimizer, without its L2.
    """

    def __init__(self, config: FmConfig, fields: int, optimizer: DenseOptimizer) -> None:
        self.order = config.order
        self.pairs = torch.triu_indices(fields, fields, 1)
        self.parameters: Dense | None = None
        if config.field_weights:
            unpulled = optimizer.model_copy(update={"l2": 0.0})
            self.parameters = Dense({"pairs": (self.pairs.shape[1],)}, unpulled)
            self.parameters.flat.fill_(1.0)

    @classmethod
    def of(cls, config: FmConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(config, len(encoder.fields.schema.fields), model.embedding.optimizer)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        if vectors is None:
            raise ValueError("FM needs field vectors")
        if self.parameters is None:
            return interactions(vectors.all, self.order)
        pairs = self._weighted_pairs(vectors.all, self.parameters["pairs"])
        if self.order == 2:
            return pairs
        return pairs + torch.stack(anova_kernels(vectors.all, self.order)[2:]).sum((0, 2))

    def _weighted_pairs(self, vectors: Tensor, weights: Tensor) -> Tensor:
        """sum over i<j of r_ij <v_i, v_j> for [n, F, d] and r [F (F - 1) / 2], [n]."""
        fields = vectors.shape[1]
        upper = torch.zeros(fields, fields).index_put(tuple(self.pairs), weights)
        return (vectors * (upper @ vectors)).sum((1, 2))

    def dense(self) -> Dense | None:
        return self.parameters

    def state(self) -> dict[str, Tensor]:
        return {} if self.parameters is None else self.parameters.state()


def interactions(vectors: Tensor, order: int) -> Tensor:
    """Sum of all products of 2 ... `order` different vectors [n, F, d], summed over d: [n]."""
    if order == 2:
        return pair_interactions(vectors)
    return torch.stack(anova_kernels(vectors, order)[1:]).sum((0, 2))


def anova_kernels(vectors: Tensor, order: int) -> list[Tensor]:
    """Elementary symmetric polynomials of degrees 1 ... `order` of the vectors, each [n, d].

    a_t(f) = a_t(f - 1) + v_f a_{t-1}(f - 1): linear in the number of fields (Blondel et al. 2016,
    algorithm 1).
    """
    zero = torch.zeros_like(vectors[:, 0])
    kernels = [torch.ones_like(zero), *[zero] * order]
    for field in range(vectors.shape[1]):
        vector = vectors[:, field]
        kernels = [
            kernels[0],
            *[kernels[t] + vector * kernels[t - 1] for t in range(1, order + 1)],
        ]
    return kernels[1:]
