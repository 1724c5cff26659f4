"""Boosted trees: their answers add up, as the logits of components do, but they are grown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import Tensor

from recsys_demo.config.components import TreesConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoded, Encoder
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.trees.boosted import BoostedTrees
from recsys_demo.models.trees.columns import codes_of


class Trees(Component[TreesConfig]):
    """`grown` is put here by whoever grows trees; without any the component says 0."""

    def __init__(self, grown: BoostedTrees) -> None:
        self.grown = grown

    @classmethod
    def of(cls, config: TreesConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(BoostedTrees.fresh(encoder.fields, config))

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        rows = Encoded(*batch.arrays, batch.layout)
        codes = codes_of(rows, self.grown.columns.fields)
        return torch.from_numpy(self.grown.logits(codes))

    def state(self) -> dict[str, Tensor]:
        return {name: torch.from_numpy(own) for name, own in self.grown.state().items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        self.grown = self.grown.of_state({name: own.numpy() for name, own in state.items()})

    @property
    def size(self) -> int:
        """A number for every question and every answer."""
        return len(self.grown.forest.value)
