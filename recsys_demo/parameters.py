"""The two forms of a parameter: tables of which a batch touches few rows, and dense ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from recsys_demo.kernels import Touched, sum_by_row
from recsys_demo.optimizers import Optimizer, OptimizerConfig


def seeded(seed: int, name: str) -> torch.Generator:
    """A random stream of its own for every named part, so that adding a part moves no other."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:7], "little")
    return torch.Generator().manual_seed(number)


class Table:
    """Rows [V, d] of which row 0 is padding and stays zero.

    While `recording`, what was read is kept so that `step` can move those rows by the gradients
    that arrived there.
    """

    def __init__(
        self,
        weight: Tensor,
        optimizer: OptimizerConfig,
        update: Literal["touched", "all"] = "touched",
    ) -> None:
        self.weight = weight
        self.weight[0] = 0
        self.optimizer_config = optimizer
        self.update = update
        self.recording = False
        self._reads: list[tuple[Tensor, Tensor]] = []
        self._optimizer: Optimizer | None = None

    def read(self, ids: Tensor) -> Tensor:
        """The rows of `ids` [n, K]: [n, K, d]."""
        rows = self.weight.index_select(0, ids.reshape(-1))
        if self.recording:
            rows.requires_grad_()
            self._reads.append((ids, rows))
        return rows.view(*ids.shape, -1)

    def pending(self) -> list[Tensor]:
        """The ids of every read since the last step."""
        return [ids for ids, _ in self._reads]

    @property
    def optimizer(self) -> Optimizer:
        """Made at the first step, so that a table that only scores carries no state."""
        if self._optimizer is None:
            self._optimizer = Optimizer(self.optimizer_config, self.weight)
        return self._optimizer

    def step(self, touched: Mapping[int, Touched], rows_in_batch: int) -> None:
        """Move what the last forward pass read. `touched` is known by the id of the read's ids."""
        for ids, values in self._reads:
            if values.grad is not None:
                gradient = values.grad.view(len(values), -1)
                if self.optimizer.sums_rows:
                    gradient = gradient * rows_in_batch
                self._move(touched[id(ids)], gradient)
        self._reads.clear()

    def _move(self, touched: Touched, gradient: Tensor) -> None:
        summed = sum_by_row(gradient, touched)
        # Padding is nothing, so nothing may be learned about it.
        summed.masked_fill_((touched.rows == 0).unsqueeze(1), 0)
        if self.update == "all":
            whole = torch.zeros_like(self.weight).index_copy_(0, touched.rows, summed)
            self.optimizer.step(whole)
        else:
            self.optimizer.step_rows(touched.rows, summed)


class Dense:
    """Named parameters as views of one flat tensor, moved by one step over all of it."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], optimizer: OptimizerConfig) -> None:
        self.flat = torch.zeros(sum(math.prod(shape) for shape in shapes.values()))
        self.gradient = torch.zeros_like(self.flat)
        self.optimizer = Optimizer(optimizer, self.flat)
        self.views: dict[str, Tensor] = {}
        at = 0
        for name, shape in shapes.items():
            size = math.prod(shape)
            view = self.flat[at : at + size].view(shape).requires_grad_()
            # Gradients are added in place, so they gather in the flat tensor.
            view.grad = self.gradient[at : at + size].view(shape)
            self.views[name] = view
            at += size

    def __getitem__(self, name: str) -> Tensor:
        return self.views[name]

    def step(self) -> None:
        """Move all parameters by the gradients gathered, and forget these."""
        self.optimizer.step(self.gradient)
        self.gradient.zero_()

    def state(self) -> dict[str, Tensor]:
        """The parameters by name, sharing memory."""
        return {name: view.detach() for name, view in self.views.items()}
