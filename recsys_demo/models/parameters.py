"""The two forms of a parameter: tables of which a batch touches few rows, and dense ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from recsys_demo.models.kernels import RowFinder
from recsys_demo.models.optimizers import Optimizer, OptimizerConfig

# Measured: up to here zeros for the whole table are cheaper than `RowFinder`.
_NUMBERS_PER_READ = 16


def seeded(seed: int, name: str) -> torch.Generator:
    """A random stream of its own for every named part, so that adding a part moves no other."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:7], "little")
    return torch.Generator().manual_seed(number)


@dataclass(frozen=True, eq=False)
class Read:
    """What was read of a table.

    `values` [U, d] are the rows `rows` [U] of it, or all of them where `rows` is None; read number
    i is of value `place[i]`, [N] int32. `ids` are what was asked for.
    """

    values: Tensor
    place: Tensor
    rows: Tensor | None
    ids: Tensor


class Table:
    """Rows [V, d] of which row 0 is padding and stays zero.

    While it has a finder, what was read is kept so that `step` can move those rows by the gradients
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
        self.finder: RowFinder | None = None
        self._reads: list[Read] = []
        self._optimizer: Optimizer | None = None

    def read(self, ids: Tensor) -> Read:
        """The rows of `ids` [n, K] int32, each different one once."""
        if self.finder is None:
            return Read(self.weight, ids.reshape(-1), None, ids)
        if self._is_small(ids):
            values = self.weight.detach()
            read = Read(values.requires_grad_(), ids.reshape(-1), None, ids)
        else:
            touched = self.finder(ids)
            values = self.weight.index_select(0, touched.rows)
            read = Read(values.requires_grad_(), touched.place, touched.rows, ids)
        self._reads.append(read)
        return read

    def _is_small(self, ids: Tensor) -> bool:
        """Where a gradient for all rows costs less than finding the different ones first."""
        return self.weight.numel() <= _NUMBERS_PER_READ * ids.numel()

    @property
    def optimizer(self) -> Optimizer:
        """Made at the first step, so that a table that only scores carries no state."""
        if self._optimizer is None:
            self._optimizer = Optimizer(self.optimizer_config, self.weight)
        return self._optimizer

    def step(self, rows_in_batch: int) -> None:
        """Move what the last forward pass read."""
        for read in self._reads:
            if read.values.grad is not None:
                gradient = read.values.grad
                if self.optimizer.sums_rows:
                    gradient.mul_(rows_in_batch)
                self._move(read, gradient)
        self._reads.clear()

    def _move(self, read: Read, gradient: Tensor) -> None:
        # Padding is nothing, so nothing may be learned about it.
        if read.rows is not None:
            gradient.masked_fill_((read.rows == 0).unsqueeze(1), 0)
            if self.update == "touched":
                self.optimizer.step_rows(read.rows, gradient)
            else:
                whole = torch.zeros_like(self.weight).index_copy_(0, read.rows, gradient)
                self.optimizer.step(whole)
            return
        gradient[0] = 0
        few = len(gradient) <= read.ids.numel()
        if self.update == "all" or (few and self.optimizer.rests_at_zero):
            self.optimizer.step(gradient)
            return
        assert self.finder is not None  # or nothing would have been kept
        rows = self.finder.different(read.ids)
        self.optimizer.step_rows(rows, gradient.index_select(0, rows))


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
