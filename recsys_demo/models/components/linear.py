"""y = w.x over the values of every field (W&D, section 3.1; the first order of FM)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import torch
from torch import Tensor

from recsys_demo.config.components import LinearConfig
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


class Linear(Component[LinearConfig]):
    """A weight per value; a multi-valued field adds the weights of all its values, a numeric field
    its weight times its quantile position. Weights start at zero, as FTRL needs."""

    def __init__(self, config: LinearConfig, rows: int) -> None:
        self.weights = Table(torch.zeros(rows, 1), config.optimizer, config.update)

    @classmethod
    def of(cls, config: LinearConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(config, encoder.fields.table_rows)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        return torch.from_numpy(self.forward(batch, vectors)[0])

    def forward(self, batch: Batch, vectors: Vectors | None) -> tuple[Floats, Backward]:
        ids, positions, _, _ = batch.arrays
        return sum_weights(self.weights, ids, positions, batch.layout.single)

    def tables(self) -> Iterable[tuple[str, Table]]:
        return [("weights", self.weights)]
