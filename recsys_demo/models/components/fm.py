"""Factorization machine interactions of orders 2 to 5."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from recsys_demo.config.components import FmConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.kernels import pair_interactions


class Fm(Component[FmConfig]):
    """sum over i<j of <V_i, V_j> x_i x_j (DeepFM, equation 2), and optionally higher orders.

    It has no parameters of its own: the vectors are the ranker's.
    """

    def __init__(self, config: FmConfig) -> None:
        self.order = config.order

    @classmethod
    def of(cls, config: FmConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(config)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        if vectors is None:
            raise ValueError("FM needs field vectors")
        return interactions(vectors.all, self.order)


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
