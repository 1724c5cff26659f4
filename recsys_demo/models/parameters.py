"""The two forms of a parameter: tables of which a batch touches few rows, and dense ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recsys_demo.config.optimizers import Update
from recsys_demo.models.kernels.reads import find_rows
from recsys_demo.models.optimizers import Optimizer, OptimizerConfig

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int32]
FIRST_ROW = np.zeros(1, dtype=np.int32)


def seeded(seed: int, name: str) -> torch.Generator:
    """A random stream of its own for every named part, so that adding a part moves no other."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:7], "little")
    return torch.Generator().manual_seed(number)


@dataclass(frozen=True, eq=False)
class Touched:
    """The different `rows` [U] that a batch reads, and the `place` [n, K] of each read among them,
    -1 for padding."""

    rows: Ints
    place: Ints


class RowFinder:
    """Finds the different rows that a batch reads. Tables that are read by the same ids share the
    finder, and so the answer."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._slot: Ints | None = None
        self._known: tuple[Ints, Touched] | None = None

    def __call__(self, ids: Ints) -> Touched:
        if self._known is None or self._known[0] is not ids:
            if self._slot is None:  # not before the first step: most tables only score
                self._slot = np.full(self._rows, -1, dtype=np.int32)
            rows = np.empty(min(ids.size, self._rows), dtype=np.int32)
            place = np.empty(ids.shape, dtype=np.int32)
            count = find_rows(ids, self._slot, rows, place)
            self._known = ids, Touched(rows[:count], place)
        return self._known[1]


class Table:
    """Rows [V, d] of which row 0 is padding and stays zero.

    A step moves the rows that were read by the gradients that gathered.
    """

    def __init__(
        self, weight: Tensor, optimizer: OptimizerConfig, update: Update = "touched"
    ) -> None:
        self.weight = weight
        self.weight[0] = 0
        self.values = weight.numpy()
        self.optimizer_config = optimizer
        self.update = update
        self.finder = RowFinder(len(weight))
        self._optimizer: Optimizer | None = None
        self._gathered: tuple[Ints, Floats] | None = None

    @property
    def optimizer(self) -> Optimizer:
        """Made at the first step."""
        if self._optimizer is None:
            self._optimizer = Optimizer(self.optimizer_config, self.values)
        return self._optimizer

    def gather(self, ids: Ints) -> tuple[Ints, Floats]:
        """The place of each read [n, K] among the rows that will move, -1 for padding; and their
        gradients [U, d], to be added to."""
        rows, size = self.values.shape
        if self.update == "all":
            moved, place = np.arange(1, rows, dtype=np.int32), ids - np.int32(1)
        else:
            touched = self.finder(ids)
            moved, place = touched.rows, touched.place
        gradient = np.zeros((len(moved), size), dtype=np.float32)
        self._gathered = moved, gradient
        return place, gradient

    def step(self, rows_in_batch: int) -> None:
        """Move what the batch read, by the gradients gathered."""
        if self._gathered is None:
            return
        rows, gradient = self._gathered
        if self.optimizer.sums_rows:
            gradient *= np.float32(rows_in_batch)
        self.optimizer.step(rows, gradient)
        self._gathered = None

    def warm_up(self) -> None:
        """All of a step but its movement."""
        self.optimizer.warm_up()
        self._gathered = None


class Dense:
    """Named parameters as views of one flat tensor, moved by one step over all of it.

    `values` and `gradients` are the same memory in numpy.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], optimizer: OptimizerConfig) -> None:
        self.flat = torch.zeros(sum(math.prod(shape) for shape in shapes.values()))
        self.gradient = torch.zeros_like(self.flat)
        self.optimizer = Optimizer(optimizer, self.flat.view(1, -1).numpy())
        self.views: dict[str, Tensor] = {}
        self.values: dict[str, Floats] = {}
        self.gradients: dict[str, Floats] = {}
        at = 0
        for name, shape in shapes.items():
            size = math.prod(shape)
            view = self.flat[at : at + size].view(shape)
            # Gradients are added in place, so they gather in the flat tensor.
            gradient = self.gradient[at : at + size].view(shape)
            self.values[name], self.gradients[name] = view.numpy(), gradient.numpy()
            self.views[name] = view.requires_grad_()
            view.grad = gradient
            at += size

    def __getitem__(self, name: str) -> Tensor:
        return self.views[name]

    def step(self) -> None:
        """Move all parameters by the gradients gathered, and forget these."""
        self.optimizer.step(FIRST_ROW, self.gradient.view(1, -1).numpy())
        self.gradient.zero_()

    def warm_up(self) -> None:
        """All of a step but its movement."""
        self.optimizer.warm_up()
        self.gradient.zero_()

    def state(self) -> dict[str, Tensor]:
        """The parameters by name, sharing memory."""
        return {name: view.detach() for name, view in self.views.items()}
