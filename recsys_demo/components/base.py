"""What a component is, and what it gets to see.

Shape letters: n rows, K id columns, F fields, d numbers per vector, Q numeric fields, C crosses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from recsys_demo.encoding.encoder import Encoded, Layout
from recsys_demo.parameters import Dense, Table


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
    def multi_counts(self) -> list[Tensor]:
        """Per multi-valued field the number of values of each row, at least 1: [n, 1]."""
        first = self.layout.single + self.layout.numeric
        blocks = self.ids[:, first:].split(self.layout.multi, dim=1) if self.layout.multi else ()
        return [(block != 0).sum(1, keepdim=True).clamp_(min=1) for block in blocks]

    def take(self, index: Tensor) -> Batch:
        """These rows, copied."""
        return Batch(
            self.ids.index_select(0, index),
            self.positions.index_select(0, index),
            self.crosses.index_select(0, index),
            self.labels.index_select(0, index),
            self.layout,
        )

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

    `categorical` [n, S + M, d]: single-valued fields, then the means of the multi-valued ones.
    `numeric` [n, Q, d]: the numeric fields' vectors times their quantile positions.
    """

    categorical: Tensor
    numeric: Tensor

    @cached_property
    def all(self) -> Tensor:
        """One vector per field, [n, F, d]."""
        return torch.cat([self.categorical, self.numeric], dim=1)


def read_vectors(table: Table, batch: Batch) -> Vectors:
    """Look the fields of a batch up in an embedding table."""
    layout = batch.layout
    rows = table.read(batch.ids)
    single, numeric, *blocks = rows.split([layout.single, layout.numeric, *layout.multi], dim=1)
    means = [
        (block.sum(1) / count).unsqueeze(1)
        for block, count in zip(blocks, batch.multi_counts, strict=True)
    ]
    return Vectors(
        torch.cat([single, *means], dim=1) if means else single,
        numeric * batch.positions.unsqueeze(2),
    )


class Component(Protocol):
    """A part of a ranker that adds its own logit; it owns its parameters and nothing else's."""

    kind: str

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        """The part's share of every row's logit, [n]. A row's value depends on that row only
        (batch normalization, while training, is the one exception)."""

    def tables(self) -> Iterable[tuple[str, Table]]:
        """Sparse parameters by name."""

    def dense(self) -> Dense | None:
        """The other parameters, if there are any."""

    def state(self) -> dict[str, Tensor]:
        """Everything that scoring depends on, by name, sharing memory with the component."""
