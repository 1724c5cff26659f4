"""y = sum of w_k phi_k(x) over the crosses' combinations (W&D, equation 1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import numpy as np
import torch
from torch import Tensor

from recsys_demo.config.components import CrossesConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import (
    Backward,
    Batch,
    Component,
    Floats,
    Vectors,
    sum_weights,
)
from recsys_demo.models.parameters import Table


class Crosses(Component[CrossesConfig]):
    """A weight per combination that training rows had often enough; weights start at zero."""

    def __init__(self, config: CrossesConfig, rows: int) -> None:
        self.weights = Table(torch.zeros(rows, 1), config.optimizer)

    @classmethod
    def of(cls, config: CrossesConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(config, encoder.cross_rows)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        return torch.from_numpy(self.forward(batch, vectors)[0])

    def forward(self, batch: Batch, vectors: Vectors | None) -> tuple[Floats, Backward]:
        _, _, crosses, _ = batch.arrays
        none = np.empty((len(batch), 0), dtype=np.float32)
        return sum_weights(self.weights, crosses, none, crosses.shape[1])

    def terms(self, batch: Batch) -> Tensor:
        """What each combination adds, [n, C]."""
        weights = self.weights.weight.view(-1).index_select(0, batch.crosses.reshape(-1))
        return weights.view(batch.crosses.shape)

    def tables(self) -> Iterable[tuple[str, Table]]:
        return [("weights", self.weights)]
