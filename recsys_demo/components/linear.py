"""y = w.x over the values of every field (W&D, section 3.1; the first order of FM)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from recsys_demo.components.base import Batch, Vectors
from recsys_demo.configuration import LinearConfig
from recsys_demo.parameters import Dense, Table


class Linear:
    """A weight per value; a multi-valued field adds the weights of all its values, a numeric field
    its weight times its quantile position. Weights start at zero, as FTRL needs."""

    kind = "linear"

    def __init__(self, config: LinearConfig, rows: int) -> None:
        self.weights = Table(torch.zeros(rows, 1), config.optimizer, config.update)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        return self.terms(batch).sum(1)

    def terms(self, batch: Batch) -> Tensor:
        """What each id column adds, [n, K]."""
        weights = self.weights.read(batch.ids).squeeze(2)
        layout = batch.layout
        if not layout.numeric:
            return weights
        single, numeric, multi = weights.split(
            [layout.single, layout.numeric, sum(layout.multi)], dim=1
        )
        return torch.cat([single, numeric * batch.positions, multi], dim=1)

    def tables(self) -> Iterable[tuple[str, Table]]:
        return [("weights", self.weights)]

    def dense(self) -> Dense | None:
        return None

    def state(self) -> dict[str, Tensor]:
        return {"weights": self.weights.weight}
