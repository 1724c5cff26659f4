"""y = sum of w_k phi_k(x) over the crosses' combinations (W&D, equation 1)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from recsys_demo.config.model import CrossesConfig
from recsys_demo.models.components.base import Batch, Vectors
from recsys_demo.models.kernels import Bags, bag_starts, sum_bags
from recsys_demo.models.parameters import Dense, Table


class Crosses:
    """A weight per combination that training rows had often enough; weights start at zero."""

    kind = "crosses"

    def __init__(self, config: CrossesConfig, rows: int) -> None:
        self.weights = Table(torch.zeros(rows, 1), config.optimizer)

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

    def dense(self) -> Dense | None:
        return None

    def state(self) -> dict[str, Tensor]:
        return {"weights": self.weights.weight}
