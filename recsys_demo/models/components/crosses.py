"""y = sum of w_k phi_k(x) over the crosses' combinations (W&D, equation 1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import torch
from torch import Tensor

from recsys_demo.config.components import CrossesConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.kernels import Bags, bag_starts, sum_bags
from recsys_demo.models.parameters import Table


class Crosses(Component[CrossesConfig]):
    """A weight per combination that training rows had often enough; weights start at zero."""

    def __init__(self, config: CrossesConfig, rows: int) -> None:
        self.weights = Table(torch.zeros(rows, 1), config.optimizer)

    @classmethod
    def of(cls, config: CrossesConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(config, encoder.cross_rows)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        read = self.weights.read(batch.crosses)
        starts = bag_starts(len(batch), (batch.crosses.shape[1],))
        bags = Bags(read.place, torch.ones(len(read.place)), starts)
        return sum_bags(read.values, bags).view(-1)

    def terms(self, batch: Batch) -> Tensor:
        """What each combination adds, [n, C]."""
        weights = self.weights.weight.view(-1).index_select(0, batch.crosses.reshape(-1))
        return weights.view(batch.crosses.shape)

    def tables(self) -> Iterable[tuple[str, Table]]:
        return [("weights", self.weights)]
