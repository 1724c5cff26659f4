"""A multi-layer network on field vectors and numeric fields (W&D, section 3.2)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from recsys_demo.config.components import DeepConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.kernels import dropout, join_columns, linear
from recsys_demo.models.parameters import Dense, seeded
from recsys_demo.models.size import deep_inputs

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "relu": functional.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "leaky_relu": functional.leaky_relu,
        "gelu": functional.gelu,
    }
)


class Deep(Component[DeepConfig]):
    """a_(l+1) = f(W_l a_l + b_l) (W&D, equation 2), then one weight per last neuron.

    Weights and biases start uniform in +-1/sqrt(inputs).
    """

    def __init__(self, config: DeepConfig, inputs: int, seed: int) -> None:
        self.config = config
        self._dropout = seeded(seed, "deep.dropout")
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
        if vectors is None:
            raise ValueError("the deep part needs field vectors")
        return self.activations(self.inputs(batch, vectors), training)[-1].squeeze(1)

    @staticmethod
    def inputs(batch: Batch, vectors: Vectors) -> Tensor:
        """Vectors side by side, then the numeric fields: [n, (S + M) d + Q]."""
        return join_columns(vectors.all, batch.layout.numeric_columns, batch.positions)

    def activations(self, x: Tensor, training: bool = False) -> list[Tensor]:
        """The output of every layer for inputs [n, i]; the last is the logit [n, 1]."""
        outputs = []
        parameters = self.parameters
        for layer in range(len(self.config.hidden)):
            x = linear(x, parameters[f"weight{layer}"], parameters[f"bias{layer}"], self.precision)
            if self.config.batch_norm:
                x = self._normalized(x, layer, training)
            x = ACTIVATIONS[self.config.activation](x)
            if training and self.config.dropout:
                x = dropout(x, self.config.dropout, self._dropout)
            outputs.append(x)
        last = len(self.config.hidden)
        outputs.append(functional.linear(x, parameters[f"weight{last}"], parameters[f"bias{last}"]))
        return outputs

    def _normalized(self, x: Tensor, layer: int, training: bool) -> Tensor:
        # A batch of one row has no spread to normalize by.
        return functional.batch_norm(
            x,
            self.running[f"norm_mean{layer}"],
            self.running[f"norm_variance{layer}"],
            self.parameters[f"norm_scale{layer}"],
            self.parameters[f"norm_shift{layer}"],
            training=training and len(x) > 1,
        )

    def dense(self) -> Dense | None:
        return self.parameters

    def state(self) -> dict[str, Tensor]:
        return self.parameters.state() | self.running
