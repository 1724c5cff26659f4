"""Update rules: one implementation each, for dense parameters and for a table's touched rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl, Sgd
from recsys_demo.models.kernels import rules

SMALLEST = 1e-10  # stands where a root may be zero: nothing is divided by nothing
SMALLEST_ROOT = 1e-20  # above it a squared gradient does not vanish in float32
SMALLEST_RATE = 1e-30  # its inverse is still a float32
OptimizerConfig = Ftrl | AdaGrad | Adam | Sgd
Floats = npt.NDArray[np.floating[Any]]
# Moves a parameter [V, d], and its states, at some rows by their gradients.
Kernel = Callable[[Floats, tuple[Floats, ...], Floats, npt.NDArray[np.int32], Floats], None]


class Rule(Protocol):
    """How a parameter moves: in place, number by number."""

    kernel: Kernel

    def start(self) -> tuple[float, ...]:
        """What each state is before the first step."""

    def settings(self, count: int, scale: float) -> tuple[float, ...]:
        """What the kernel asks at step number `count` (from 1), the learning rate times `scale`."""


class FtrlRule:
    """FTRL-Proximal, per coordinate (McMahan et al. 2013, Algorithm 1)."""

    kernel: Kernel = staticmethod(rules.ftrl)

    def __init__(self, config: Ftrl) -> None:
        self.config = config

    def start(self) -> tuple[float, ...]:
        return 0.0, 0.0

    def settings(self, count: int, scale: float) -> tuple[float, ...]:
        c = self.config
        return 1 / max(c.alpha * scale, SMALLEST_RATE), max(c.beta, SMALLEST), c.l1, c.l2


class AdaGradRule:
    """AdaGrad: w -= rate * g / sqrt(sum of g^2)."""

    kernel: Kernel = staticmethod(rules.adagrad)

    def __init__(self, config: AdaGrad) -> None:
        self.config = config

    def start(self) -> tuple[float, ...]:
        return (self.config.initial_accumulator,)

    def settings(self, count: int, scale: float) -> tuple[float, ...]:
        return self.config.learning_rate * scale, self.config.l2, SMALLEST


class AdamRule:
    """Adam with bias correction; a table's rows count the steps of the whole table."""

    kernel: Kernel = staticmethod(rules.adam)

    def __init__(self, config: Adam) -> None:
        self.config = config

    def start(self) -> tuple[float, ...]:
        return 0.0, 0.0

    def settings(self, count: int, scale: float) -> tuple[float, ...]:
        c = self.config
        root = math.sqrt(1 - c.beta2**count)
        rate = c.learning_rate * scale * root / (1 - c.beta1**count)
        epsilon = max(c.epsilon * root, SMALLEST_ROOT)
        return rate, 1 - c.beta1, c.beta2, 1 - c.beta2, epsilon, c.l2


class SgdRule:
    """Stochastic gradient descent: w -= rate * g."""

    kernel: Kernel = staticmethod(rules.sgd)

    def __init__(self, config: Sgd) -> None:
        self.config = config

    def start(self) -> tuple[float, ...]:
        return ()

    def settings(self, count: int, scale: float) -> tuple[float, ...]:
        return self.config.learning_rate * scale, self.config.l2


RULES: Mapping[type[OptimizerConfig], Callable[..., Rule]] = MappingProxyType(
    {Ftrl: FtrlRule, AdaGrad: AdaGradRule, Adam: AdamRule, Sgd: SgdRule}
)


class Optimizer:
    """One rule, applied to one parameter [V, d], row by row."""

    def __init__(self, config: OptimizerConfig, parameter: Floats) -> None:
        self.rule = RULES[type(config)](config)
        self.parameter = parameter
        self.state = tuple(np.full_like(parameter, value) for value in self.rule.start())
        # FTRL counts rows: its gradient is that of the batch's sum, not of its mean.
        self.sums_rows = isinstance(config, Ftrl)
        self.count = 0
        self.scale = 1.0

    def step(self, rows: npt.NDArray[np.int32], gradient: Floats) -> None:
        """Move the rows [U] by their gradients [U, d]; no other row is read."""
        self.count += 1
        self._move(rows, gradient)

    def warm_up(self) -> None:
        """A step of no rows, which is not counted."""
        nothing = np.zeros((0, self.parameter.shape[1]), self.parameter.dtype)
        self._move(np.zeros(0, dtype=np.int32), nothing)

    def _move(self, rows: npt.NDArray[np.int32], gradient: Floats) -> None:
        settings = self.rule.settings(max(self.count, 1), self.scale)
        of_its_type = np.array(settings, self.parameter.dtype)
        self.rule.kernel(self.parameter, self.state, gradient, rows, of_its_type)
