"""A network that learns which values to multiply (DCN-V2: Wang et al. 2021, arXiv 2008.13535)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from recsys_demo.config.components import CrossNetworkConfig
from recsys_demo.config.model import ModelConfig
from recsys_demo.features.encoder import Encoder
from recsys_demo.models.components.base import Backward, Batch, Component, Floats, Vectors
from recsys_demo.models.kernels.layers import add_bias, sum_columns
from recsys_demo.models.parameters import Dense, seeded
from recsys_demo.models.products import Precision, product
from recsys_demo.models.size import cross_network_inputs


@dataclass(frozen=True, eq=False)
class Layer:
    """x_l, what its last matrix was multiplied by, and W_l x_l + b_l."""

    x: Floats
    inner: Floats
    weighted: Floats


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
        return torch.from_numpy(self.forward(batch, vectors)[0])

    def forward(self, batch: Batch, vectors: Vectors | None) -> tuple[Floats, Backward]:
        if vectors is None:
            raise ValueError("the cross network needs field vectors")
        start = vectors.all.flatten(1).numpy()
        crossed, layers = self.crossed(start)

        def backward(gradient: Floats) -> None:
            of_start = self._back(gradient, start, crossed, layers)
            np.add(vectors.gradient, of_start.reshape(vectors.all.shape), out=vectors.gradient)

        return crossed @ self.parameters.values["last"], backward

    def crossed(self, start: Floats) -> tuple[Floats, list[Layer]]:
        """x_L for x_0 [n, d], [n, d], and what every layer leaves behind for its way back."""
        x, layers = start, []
        for index in range(self.config.layers):
            layers.append(self._layer(x, index))
            x = start * layers[-1].weighted + x
        return x, layers

    def _layer(self, x: Floats, index: int) -> Layer:
        values = self.parameters.values
        name = "weight" if self.config.rank is None else "up"
        inner = x if name == "weight" else product(x, values[f"down{index}"], "float32")
        weighted = product(inner, values[f"{name}{index}"], self.precision)
        add_bias(weighted, values[f"bias{index}"])
        return Layer(x, inner, weighted)

    def _back(
        self, gradient: Floats, start: Floats, crossed: Floats, layers: list[Layer]
    ) -> Floats:
        """The gradient of x_0 for that of the logit [n]; those of the parameters are where `Dense`
        wants them."""
        values, to = self.parameters.values, self.parameters.gradients
        np.matmul(gradient, crossed, out=to["last"])
        g = gradient[:, None] * values["last"]
        of_start = np.zeros_like(start)
        for index in range(len(layers) - 1, -1, -1):
            layer = layers[index]
            of_start += g * layer.weighted
            of_weighted = g * start
            sum_columns(of_weighted, to[f"bias{index}"])
            name = "weight" if self.config.rank is None else "up"
            of_inner = self._through(of_weighted, layer.inner, f"{name}{index}", self.precision)
            if name == "up":
                of_inner = self._through(of_inner, layer.x, f"down{index}", "float32")
            g = g + of_inner
        return of_start + g

    def _through(self, gradient: Floats, x: Floats, name: str, precision: Precision) -> Floats:
        """From a product with a matrix to what was multiplied."""
        product(gradient.T, x.T, precision, out=self.parameters.gradients[name])
        return product(gradient, self.parameters.values[name].T, precision)

    def dense(self) -> Dense | None:
        return self.parameters

    def state(self) -> dict[str, Tensor]:
        return self.parameters.state()
