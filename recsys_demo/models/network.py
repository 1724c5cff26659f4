"""A network's layers, forward and backward, without a graph of calls around their products."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from recsys_demo.config.components import DeepConfig
from recsys_demo.models.kernels.layers import add_bias, rectify, rectify_back, sum_columns
from recsys_demo.models.parameters import Dense
from recsys_demo.models.products import Precision, product

Floats = npt.NDArray[np.floating[Any]]
MOMENTUM, EPSILON = 0.1, 1e-5  # of batch normalization, as torch has them


@dataclass(frozen=True)
class Activation:
    """A layer's function, and the gradient of its input for that of its output: from the input
    where `of_input`, else from the output. Both may work in place."""

    function: Callable[[Floats], Floats]
    gradient: Callable[[Floats, Floats], Floats]
    of_input: bool = False


def _by_torch(
    function: Callable[[Tensor], Tensor],
    gradient: Callable[[Tensor, Tensor], Tensor],
    of_input: bool = False,
) -> Activation:
    def ahead(x: Floats) -> Floats:
        return function(torch.from_numpy(x)).numpy()

    def back(g: Floats, known: Floats) -> Floats:
        return gradient(torch.from_numpy(g), torch.from_numpy(known)).numpy()

    return Activation(ahead, back, of_input)


def _rectified(x: Floats) -> Floats:
    rectify(x)
    return x


def _rectified_back(g: Floats, y: Floats) -> Floats:
    rectify_back(g, y)
    return g


_ATEN = torch.ops.aten
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "relu": Activation(_rectified, _rectified_back),
        "tanh": _by_torch(torch.tanh, _ATEN.tanh_backward),
        "sigmoid": _by_torch(torch.sigmoid, _ATEN.sigmoid_backward),
        "leaky_relu": _by_torch(
            functional.leaky_relu, lambda g, y: _ATEN.leaky_relu_backward(g, y, 0.01, True)
        ),
        "gelu": _by_torch(functional.gelu, _ATEN.gelu_backward, of_input=True),
    }
)


@dataclass(eq=False)
class Layer:
    """What a layer leaves behind for its way back."""

    x: Floats
    before: Floats  # what the activation was asked of
    after: Floats  # what it said
    norm: tuple[Any, ...] = ()  # input, mean and inverse deviation of batch normalization
    kept: Floats | None = None  # dropout's mask


class Network:
    """a_(l+1) = f(W_l a_l + b_l) (W&D, equation 2), then one weight per last neuron.

    Each layer: product, bias, batch normalization, activation, dropout.
    """

    def __init__(
        self,
        config: DeepConfig,
        parameters: Dense,
        running: Mapping[str, Tensor],
        generator: torch.Generator,
    ) -> None:
        self.config = config
        self.parameters = parameters
        self.running = running
        self.generator = generator
        self.activation = ACTIVATIONS[config.activation]
        self.last = len(config.hidden)

    def forward(
        self, x: Floats, training: bool, precision: Precision
    ) -> tuple[Floats, list[Layer]]:
        """The logit [n] for inputs [n, i], and every hidden layer."""
        layers = []
        for index in range(self.last):
            layer = self._layer(x, index, training, precision)
            layers.append(layer)
            x = layer.after if layer.kept is None else layer.after * layer.kept
        return self._linear(x, self.last, "float32")[:, 0], [*layers, Layer(x, x, x)]

    def backward(self, gradient: Floats, layers: list[Layer], precision: Precision) -> Floats:
        """The gradient of the inputs [n, i] for that of the logit [n]; those of the parameters are
        where `Dense` wants them."""
        g = self._back(gradient[:, None], layers[-1].x, self.last, "float32")
        for index in range(self.last - 1, -1, -1):
            layer = layers[index]
            if layer.kept is not None:
                g *= layer.kept
            known = layer.before if self.activation.of_input else layer.after
            g = self.activation.gradient(g, known)
            if layer.norm:
                g = self._back_through_norm(g, layer.norm, index)
            g = self._back(g, layer.x, index, precision)
        return g

    def _layer(self, x: Floats, index: int, training: bool, precision: Precision) -> Layer:
        before = self._linear(x, index, precision)
        norm: tuple[Any, ...] = ()
        if self.config.batch_norm:
            before, norm = self._normalized(before, index, training)
        after = self.activation.function(before)
        drops = training and self.config.dropout
        kept = dropout(after.shape, self.config.dropout, self.generator) if drops else None
        return Layer(x, before, after, norm, kept)

    def _linear(self, x: Floats, index: int, precision: Precision) -> Floats:
        values = self.parameters.values
        out = product(x, values[f"weight{index}"], precision)
        add_bias(out, values[f"bias{index}"])
        return out

    def _back(self, gradient: Floats, x: Floats, index: int, precision: Precision) -> Floats:
        """From a layer's products to their inputs."""
        to = self.parameters.gradients
        product(gradient.T, x.T, precision, out=to[f"weight{index}"])
        sum_columns(gradient, to[f"bias{index}"])
        return product(gradient, self.parameters.values[f"weight{index}"].T, precision)

    def _normalized(self, x: Floats, index: int, training: bool) -> tuple[Floats, tuple[Any, ...]]:
        # A batch of one row has no spread to normalize by.
        by_batch = training and len(x) > 1
        own = [self.parameters[f"norm_{name}{index}"].detach() for name in ("scale", "shift")]
        running = [self.running[f"norm_{name}{index}"] for name in ("mean", "variance")]
        known = torch.from_numpy(x)
        out, mean, inverse = _ATEN.native_batch_norm(
            known, *own, *running, by_batch, MOMENTUM, EPSILON
        )
        return out.numpy(), (known, mean, inverse, by_batch)

    def _back_through_norm(self, gradient: Floats, norm: tuple[Any, ...], index: int) -> Floats:
        x, mean, inverse, by_batch = norm
        running = [self.running[f"norm_{name}{index}"] for name in ("mean", "variance")]
        scale = self.parameters[f"norm_scale{index}"].detach()
        given, wanted = torch.from_numpy(gradient), [True, True, True]
        of_x, of_scale, of_shift = _ATEN.native_batch_norm_backward(
            given, x, scale, *running, mean, inverse, by_batch, EPSILON, wanted
        )
        self.parameters.gradients[f"norm_scale{index}"][:] = of_scale.numpy()
        self.parameters.gradients[f"norm_shift{index}"][:] = of_shift.numpy()
        return of_x.numpy()  # type: ignore[no-any-return] # an operation without types


def dropout(shape: tuple[int, ...], share: float, generator: torch.Generator) -> Floats:
    """What to multiply entries by so that a share of them is silenced and the others are scaled up
    so that the expectation stays.

    It takes one random byte per entry, so the share is rounded to a multiple of 1/256.
    """
    silenced = min(round(share * 256), 255)  # of all entries silenced nothing can be scaled up
    entries = int(np.prod(shape))
    words = torch.empty((entries + 7) // 8, dtype=torch.int64)
    words.random_(-(2**63), None, generator=generator)
    # numpy compares bytes sixteen times as fast as torch, and torch reads bytes as numbers eight
    # times as fast as truth values.
    kept = torch.from_numpy(words.view(torch.uint8)[:entries].numpy() >= silenced)
    scaled = kept.view(torch.uint8).to(torch.float32).mul_(256 / (256 - silenced))
    return scaled.view(shape).numpy()
