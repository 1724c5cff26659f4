"""What a component is, and what it gets to see.

Shape letters: n rows, K id columns, F fields, d numbers per vector, Q numeric fields, C crosses.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Self, TypeVar

import torch
from torch import Tensor

from recsys_demo.config.components import ComponentConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoded, Encoder, Layout
from recsys_demo.models.kernels import Bags, Precision, bag_starts, sum_bags
from recsys_demo.models.parameters import Dense, Table

C = TypeVar("C", bound=ComponentConfig)


@dataclass(frozen=True, eq=False)
class Batch:
    """Encoded rows as tensors: `ids` [n, K], `positions` [n, Q], `crosses` [n, C], `labels` [n]."""

    ids: Tensor
    positions: Tensor
    crosses: Tensor
    labels: Tensor
    layout: Layout
    counted: Tensor | None = None  # `multi_shares`, where they are known already

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def multi_shares(self) -> Tensor:
        """Per multi-valued field, one over a row's number of values (at least 1): [n, M]."""
        if self.counted is not None:
            return self.counted
        shares = torch.ones(len(self), len(self.layout.multi))
        at = self.layout.single + self.layout.numeric
        for field, width in enumerate(self.layout.multi):
            count = (self.ids[:, at : at + width] != 0).sum(1).clamp_(min=1)
            shares[:, field] = 1 / count
            at += width
        return shares

    @cached_property
    def multipliers(self) -> Tensor:
        """What the value of each id column is multiplied by: the quantile position of a numeric
        field, 1 of any other, [n, K]."""
        multipliers = torch.ones(self.ids.shape)
        if self.layout.numeric:
            multipliers[:, self.layout.numeric_columns] = self.positions
        return multipliers

    @cached_property
    def vector_multipliers(self) -> Tensor:
        """`multipliers`, and of a multi-valued field its share, so that sums are means: [n, K]."""
        multipliers = self.multipliers
        at = self.layout.single + self.layout.numeric
        if self.layout.multi:
            multipliers = multipliers.clone()
        for field, width in enumerate(self.layout.multi):
            multipliers[:, at : at + width] = self.multi_shares[:, field : field + 1]
            at += width
        return multipliers

    def take(self, index: Tensor) -> Batch:
        """These rows, copied."""
        # Counted once for all batches to come.
        shares = self.multi_shares.index_select(0, index) if self.layout.multi else None
        return Batch(
            self.ids.index_select(0, index),
            self.positions.index_select(0, index),
            self.crosses.index_select(0, index),
            self.labels.index_select(0, index),
            self.layout,
            shares,
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


def read_vectors(table: Table, batch: Batch) -> Vectors:
    """Look the fields of a batch up in an embedding table."""
    layout = batch.layout
    widths = (1,) * (layout.single + layout.numeric) + layout.multi
    read = table.read(batch.ids)
    starts = bag_starts(len(batch), widths)
    bags = Bags(read.place, batch.vector_multipliers.view(-1), starts)
    vectors = sum_bags(read.values, bags)
    return Vectors(vectors.view(len(batch), layout.fields, -1), layout)


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

    def tables(self) -> Iterable[tuple[str, Table]]:
        """Sparse parameters by name."""
        return []

    def dense(self) -> Dense | None:
        """The other parameters, if there are any."""
        return None

    def state(self) -> dict[str, Tensor]:
        """Everything that scoring depends on, by name, sharing memory with the component."""
        return {name: table.weight for name, table in self.tables()}
