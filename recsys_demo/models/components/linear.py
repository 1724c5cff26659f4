"""y = w.x over the values of every field (W&D, section 3.1; the first order of FM)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import torch
from torch import Tensor

from recsys_demo.config.components import LinearConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.kernels import Bags, bag_starts, sum_bags
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
        read = self.weights.read(batch.ids)
        starts = bag_starts(len(batch), (batch.ids.shape[1],))
        bags = Bags(read.place, batch.multipliers.view(-1), starts)
        return sum_bags(read.values, bags).view(-1)

    def terms(self, batch: Batch) -> Tensor:
        """What each id column adds, [n, K]."""
        weights = self.weights.weight.view(-1).index_select(0, batch.ids.reshape(-1))
        return weights.view(batch.ids.shape) * batch.multipliers

    def tables(self) -> Iterable[tuple[str, Table]]:
        return [("weights", self.weights)]
