"""What a component is, and what it gets to see.

Shape letters: n rows, K id columns, F fields, d numbers per vector, Q numeric fields, C crosses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Self, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from recsys_demo.config.components import ComponentConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoded, Encoder, Layout
from recsys_demo.models.kernels import reads
from recsys_demo.models.parameters import Dense, Table
from recsys_demo.models.products import Precision

C = TypeVar("C", bound=ComponentConfig)
Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int32]
# Brings the derivative of the loss for each row's logit, [n], to all that the logits were made of.
Backward = Callable[[Floats], None]


@dataclass(frozen=True, eq=False)
class Batch:
    """Encoded rows as tensors: `ids` [n, K], `positions` [n, Q], `crosses` [n, C], `labels` [n]."""

    ids: Tensor
    positions: Tensor
    crosses: Tensor
    labels: Tensor
    layout: Layout

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def arrays(self) -> tuple[Any, Any, Any, Any]:
        """`ids`, `positions`, `crosses` and `labels` in numpy, the same memory."""
        return (
            self.ids.numpy(),
            self.positions.numpy(),
            self.crosses.numpy(),
            self.labels.numpy(),
        )

    def take(self, index: Tensor) -> Batch:
        """These rows, copied."""
        # numpy takes rows twice as fast as torch, and as a compiled loop.
        taken = (torch.from_numpy(array.take(index.numpy(), axis=0)) for array in self.arrays)
        ids, positions, crosses, labels = taken
        return Batch(ids, positions, crosses, labels, self.layout)

    def slice(self, start: int, stop: int) -> Batch:
        """Rows from `start` to before `stop`, not copied."""
        return Batch(
            self.ids[start:stop],
            self.positions[start:stop],
            self.crosses[start:stop],
            self.labels[start:stop],
            self.layout,
        )


def as_batch(encoded: Encoded) -> Batch:
    """The same memory as tensors."""
    return Batch(
        torch.from_numpy(encoded.ids),
        torch.from_numpy(encoded.positions),
        torch.from_numpy(encoded.crosses),
        torch.from_numpy(encoded.labels),
        encoded.layout,
    )


@dataclass(frozen=True, eq=False)
class Vectors:
    """The field vectors of a batch, read once and shared by all components that use the table.

    `all` [n, F, d]: the rows of single-valued fields, the numeric fields' rows times their quantile
    positions, the means of the multi-valued fields.
    """

    all: Tensor
    layout: Layout

    @property
    def categorical(self) -> Tensor:
        """Single-valued fields, then multi-valued ones, [n, S + M, d]."""
        numeric = self.layout.numeric_columns
        return torch.cat([self.all[:, : numeric.start], self.all[:, numeric.stop :]], dim=1)

    @property
    def numeric(self) -> Tensor:
        """Numeric fields, [n, Q, d]."""
        return self.all[:, self.layout.numeric_columns]

    @cached_property
    def gradient(self) -> Floats:
        """What the components add for each vector in a step, [n, F, d]."""
        return np.zeros(self.all.shape, dtype=np.float32)


def read_vectors(table: Table, batch: Batch) -> Vectors:
    """Look the fields of a batch up in an embedding table."""
    layout = batch.layout
    ids, positions, _, _ = batch.arrays
    out = np.empty((len(batch), layout.fields, table.values.shape[1]), dtype=np.float32)
    reads.read_vectors(table.values, ids, positions, layout.single, _blocks(layout), out)
    return Vectors(torch.from_numpy(out), layout)


def gather_vectors(table: Table, batch: Batch, vectors: Vectors) -> None:
    """Bring the gradient of the vectors to the table they were read from."""
    layout = batch.layout
    ids, positions, _, _ = batch.arrays
    place, gradient = table.gather(ids)
    reads.gather_vectors(
        vectors.gradient, place, positions, layout.single, _blocks(layout), gradient
    )


def sum_weights(table: Table, ids: Ints, positions: Floats, single: int) -> tuple[Floats, Backward]:
    """The sum of each row's weights, [n], for ids [n, K]: those after the first `single` count
    times their quantile position [n, Q]. And what brings its derivative to the weights."""
    out = np.empty(len(ids), dtype=np.float32)
    reads.sum_weights(table.values, ids, positions, single, out)

    def backward(gradient: Floats) -> None:
        place, gathered = table.gather(ids)
        reads.gather_weights(gradient, place, positions, single, gathered)

    return out, backward


def _blocks(layout: Layout) -> npt.NDArray[np.int64]:
    return np.array(layout.multi, dtype=np.int64)


class Component(ABC, Generic[C]):
    """A part of a ranker that adds its own logit; it owns its parameters and nothing else's."""

    precision: Precision = "float32"  # of its matrix products, while training

    @classmethod
    @abstractmethod
    def of(cls, config: C, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        """A fresh component of this model. Its random start depends on the seed and its own names
        only."""

    @abstractmethod
    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        """The part's share of every row's logit, [n]. A row's value depends on that row only
        (batch normalization, while training, is the one exception)."""

    def forward(self, batch: Batch, vectors: Vectors | None) -> tuple[Floats, Backward]:
        """The logits [n] while training, and what brings their derivative back: to the component's
        own parameters, and to `vectors.gradient`, where it is added.

        Here torch finds the derivative; the components of the papers have it written out, because a
        graph of calls costs more than what a small model computes.
        """
        seen = None if vectors is None else Vectors(vectors.all.detach().clone(), batch.layout)
        with torch.enable_grad():
            if seen is not None:
                seen.all.requires_grad_()
            logits = self.logits(batch, seen, training=True)

        def backward(gradient: Floats) -> None:
            logits.backward(torch.from_numpy(gradient))
            if vectors is not None and seen is not None and seen.all.grad is not None:
                np.add(vectors.gradient, seen.all.grad.numpy(), out=vectors.gradient)

        return logits.detach().numpy(), backward

    def tables(self) -> Iterable[tuple[str, Table]]:
        """Sparse parameters by name."""
        return []

    def dense(self) -> Dense | None:
        """The other parameters, if there are any."""
        return None

    def state(self) -> dict[str, Tensor]:
        """Everything that scoring depends on, by name, sharing memory with the component."""
        return {name: table.weight for name, table in self.tables()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take over the values of another component's `state()`. Raises ValueError if they do not
        fit."""
        copy_values(state, self.state())

    @property
    def size(self) -> int:
        """Number of trainable numbers, paddings not counted."""
        dense = self.dense()
        tables = sum(table.weight[1:].numel() for _, table in self.tables())
        return tables + (0 if dense is None else dense.flat.numel())


def copy_values(source: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> None:
    """Copy tensors of equal names. Raises ValueError if they differ in shape."""
    for name, tensor in target.items():
        if tensor.shape != source[name].shape:
            raise ValueError(f"{name} has shape {source[name].shape}, not {tensor.shape}")
        tensor.copy_(source[name])
