"""A network that learns which values to multiply (DCN-V2: Wang et al. 2021, arXiv 2008.13535)."""

from __future__ import annotations

import math
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

from recsys_demo.config.components import CrossNetworkConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Batch, Component, Vectors
from recsys_demo.models.kernels import linear
from recsys_demo.models.parameters import Dense, seeded
from recsys_demo.models.size import cross_network_inputs


class CrossNetwork(Component[CrossNetworkConfig]):
    """x_(l+1) = x_0 * (W_l x_l + b_l) + x_l (equation 1), then one weight per last number.

    x_0 are all field vectors side by side [n, d]; W_l is [d, d], or U_l V_l with U_l [d, r] and
    V_l [r, d]. W_l starts at zero, U_l where there is one: what is not zero has been learned. V_l
    and the last weights start uniform in +-1/sqrt(d).
    """

    def __init__(self, config: CrossNetworkConfig, inputs: int, seed: int) -> None:
        self.config = config
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(config.layers):
            if config.rank is None:
                shapes[f"weight{layer}"] = (inputs, inputs)
            else:
                shapes[f"up{layer}"] = (inputs, config.rank)
                shapes[f"down{layer}"] = (config.rank, inputs)
            shapes[f"bias{layer}"] = (inputs,)
        shapes["last"] = (inputs,)
        self.parameters = Dense(shapes, config.optimizer)
        bound = 1 / math.sqrt(max(1, inputs))
        with torch.no_grad():
            for name, parameter in self.parameters.views.items():
                if name.startswith(("down", "last")):
                    generator = seeded(seed, f"cross_network.{name}")
                    parameter.uniform_(-bound, bound, generator=generator)

    @classmethod
    def of(
        cls, config: CrossNetworkConfig, model: ModelConfig, encoder: Encoder, seed: int
    ) -> Self:
        return cls(config, cross_network_inputs(config, model, encoder.fields), seed)

    def logits(self, batch: Batch, vectors: Vectors | None, training: bool) -> Tensor:
        if vectors is None:
            raise ValueError("the cross network needs field vectors")
        return self.crossed(vectors.all.flatten(1)) @ self.parameters["last"]

    def crossed(self, start: Tensor) -> Tensor:
        """x_L for x_0 [n, d], [n, d]."""
        x = start
        for layer in range(self.config.layers):
            x = start * self._weighted(x, layer) + x
        return x

    def _weighted(self, x: Tensor, layer: int) -> Tensor:
        parameters, bias = self.parameters, self.parameters[f"bias{layer}"]
        if self.config.rank is None:
            return linear(x, parameters[f"weight{layer}"], bias, self.precision)
        inner = functional.linear(x, parameters[f"down{layer}"])
        return linear(inner, parameters[f"up{layer}"], bias, self.precision)

    def dense(self) -> Dense | None:
        return self.parameters

    def state(self) -> dict[str, Tensor]:
        return self.parameters.state()
