"""A multi-layer network on field vectors and numeric fields (W&D, section 3.2)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Self

import numpy as np
import torch
from torch import Tensor

from recsys_demo.config.components import DeepConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Backward, Batch, Component, Floats, Vectors
from recsys_demo.models.kernels.layers import add_joined, join
from recsys_demo.models.network import Network
from recsys_demo.models.parameters import Dense, seeded
from recsys_demo.models.size import deep_inputs


class Deep(Component[DeepConfig]):
    """Vectors and numeric fields through a network, whose weights and biases start uniform in
    +-1/sqrt(inputs)."""

    def __init__(self, config: DeepConfig, inputs: int, seed: int) -> None:
        self.config = config
        widths = [inputs, *config.hidden, 1]
        shapes: dict[str, tuple[int, ...]] = {}
        for layer, (fan_in, fan_out) in enumerate(pairwise(widths)):
            shapes[f"weight{layer}"] = (fan_out, fan_in)
            shapes[f"bias{layer}"] = (fan_out,)
            if config.batch_norm and layer < len(config.hidden):
                shapes[f"norm_scale{layer}"] = (fan_out,)
                shapes[f"norm_shift{layer}"] = (fan_out,)
        self.parameters = Dense(shapes, config.optimizer)
        self.running = {
            f"{name}{layer}": torch.full((width,), start)
            for layer, width in enumerate(config.hidden if config.batch_norm else ())
            for name, start in (("norm_mean", 0.0), ("norm_variance", 1.0))
        }
        self._initialize(seed)
        self.network = Network(config, self.parameters, self.running, seeded(seed, "deep.dropout"))

    def _initialize(self, seed: int) -> None:
        with torch.no_grad():
            for name, parameter in self.parameters.views.items():
                if name.startswith("norm"):
                    parameter.fill_(1.0 if name.startswith("norm_scale") else 0.0)
                    continue
                layer = int(name.removeprefix("weight").removeprefix("bias"))
                bound = 1 / math.sqrt(max(1, self.parameters[f"weight{layer}"].shape[1]))
                parameter.uniform_(-bound, bound, generator=seeded(seed, f"deep.{name}"))

    @classmethod
    def of(cls, config: DeepConfig, model: ModelConfig, encoder: Encoder, seed: int) -> Self:
        return cls(config, deep_inputs(model, encoder), seed)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        x = self.inputs(batch, vectors)
        return torch.from_numpy(self.network.forward(x, training, self.precision)[0])

    def forward(self, batch: Batch, vectors: Vectors | None) -> tuple[Floats, Backward]:
        x = self.inputs(batch, vectors)
        logits, layers = self.network.forward(x, True, self.precision)

        def backward(gradient: Floats) -> None:
            assert vectors is not None
            of_x = self.network.backward(gradient, layers, self.precision)
            to = vectors.gradient
            add_joined(of_x, _skipped(batch, to), to.reshape(len(to), -1))

        return logits, backward

    @staticmethod
    def inputs(batch: Batch, vectors: Vectors | None) -> Floats:
        """Vectors side by side, then the numeric fields: [n, (S + M) d + Q]."""
        if vectors is None:
            raise ValueError("the deep part needs field vectors")
        layout, values = batch.layout, vectors.all.numpy()
        width = layout.vectors * values.shape[2] + layout.numeric
        out = np.empty((len(values), width), dtype=np.float32)
        join(values.reshape(len(values), -1), _skipped(batch, values), batch.arrays[1], out)
        return out

    def dense(self) -> Dense | None:
        return self.parameters

    def state(self) -> dict[str, Tensor]:
        return self.parameters.state() | self.running


def _skipped(batch: Batch, vectors: Floats) -> tuple[int, int]:
    """Columns of the numeric fields in vectors [n, F, d] side by side."""
    columns, size = batch.layout.numeric_columns, vectors.shape[2]
    return columns.start * size, columns.stop * size
