"""Update rules: one implementation each, for dense parameters and for a table's touched rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl, Sgd

SMALLEST = 1e-10  # stands where a root may be zero: nothing is divided by nothing
SMALLEST_ROOT = 1e-20  # above it a squared gradient does not vanish in float32
SMALLEST_RATE = 1e-30  # its inverse is still a float32
OptimizerConfig = Ftrl | AdaGrad | Adam | Sgd


class Rule(Protocol):
    """How a parameter moves: in place, element by element."""

    def start(self, parameter: Tensor) -> list[Tensor]:
        """The states before the first step, each in the parameter's shape."""

    def step(
        self, parameter: Tensor, gradient: Tensor, state: list[Tensor], count: int, scale: float
    ) -> None:
        """Step number `count` (from 1), the learning rate times `scale`."""

    def rests_at_zero(self, scale: float) -> bool:
        """Whether a gradient of exactly zero leaves a parameter exactly as it is."""


class FtrlRule:
    """FTRL-Proximal, per coordinate (McMahan et al. 2013, Algorithm 1)."""

    def __init__(self, config: Ftrl) -> None:
        self.config = config

    def start(self, parameter: Tensor) -> list[Tensor]:
        return [torch.zeros_like(parameter), torch.zeros_like(parameter)]

    def step(
        self, parameter: Tensor, gradient: Tensor, state: list[Tensor], count: int, scale: float
    ) -> None:
        c = self.config
        z, n = state
        alpha = max(c.alpha * scale, SMALLEST_RATE)
        root = n.sqrt()
        n.addcmul_(gradient, gradient)
        new_root = n.sqrt()
        z.add_(gradient).sub_(root.neg_().add_(new_root).mul_(parameter), alpha=1 / alpha)
        rate = new_root.add_(max(c.beta, SMALLEST)).mul_(1 / alpha)
        if c.l2:
            rate.add_(c.l2)
        # softshrink is the rule's distinction of cases: 0 up to l1, z - sign(z) l1 beyond.
        parameter.zero_().addcdiv_(functional.softshrink(z, c.l1), rate, value=-1)

    def rests_at_zero(self, scale: float) -> bool:
        # A changed rate is first seen when a weight is computed again.
        return scale == 1


class AdaGradRule:
    """AdaGrad: w -= rate * g / sqrt(sum of g^2)."""

    def __init__(self, config: AdaGrad) -> None:
        self.config = config

    def start(self, parameter: Tensor) -> list[Tensor]:
        return [torch.full_like(parameter, self.config.initial_accumulator)]

    def step(
        self, parameter: Tensor, gradient: Tensor, state: list[Tensor], count: int, scale: float
    ) -> None:
        c = self.config
        (total,) = state
        if c.l2:
            gradient = gradient.add(parameter, alpha=c.l2)
        total.addcmul_(gradient, gradient)
        parameter.addcdiv_(gradient, total.sqrt().add_(SMALLEST), value=-c.learning_rate * scale)

    def rests_at_zero(self, scale: float) -> bool:
        return not self.config.l2


class AdamRule:
    """Adam with bias correction; a table's rows count the steps of the whole table."""

    def __init__(self, config: Adam) -> None:
        self.config = config

    def start(self, parameter: Tensor) -> list[Tensor]:
        return [torch.zeros_like(parameter), torch.zeros_like(parameter)]

    def step(
        self, parameter: Tensor, gradient: Tensor, state: list[Tensor], count: int, scale: float
    ) -> None:
        c = self.config
        mean, square = state
        if c.l2:
            gradient = gradient.add(parameter, alpha=c.l2)
        mean.lerp_(gradient, 1 - c.beta1)
        square.mul_(c.beta2).addcmul_(gradient, gradient, value=1 - c.beta2)
        root = math.sqrt(1 - c.beta2**count)
        rate = c.learning_rate * scale * root / (1 - c.beta1**count)
        parameter.addcdiv_(
            mean, square.sqrt().add_(max(c.epsilon * root, SMALLEST_ROOT)), value=-rate
        )

    def rests_at_zero(self, scale: float) -> bool:
        return False  # it goes on by its momentum


class SgdRule:
    """Stochastic gradient descent: w -= rate * g."""

    def __init__(self, config: Sgd) -> None:
        self.config = config

    def start(self, parameter: Tensor) -> list[Tensor]:
        return []

    def step(
        self, parameter: Tensor, gradient: Tensor, state: list[Tensor], count: int, scale: float
    ) -> None:
        c = self.config
        if c.l2:
            gradient = gradient.add(parameter, alpha=c.l2)
        parameter.sub_(gradient, alpha=c.learning_rate * scale)

    def rests_at_zero(self, scale: float) -> bool:
        return not self.config.l2


RULES: Mapping[type[OptimizerConfig], Callable[..., Rule]] = MappingProxyType(
    {Ftrl: FtrlRule, AdaGrad: AdaGradRule, Adam: AdamRule, Sgd: SgdRule}
)


class Optimizer:
    """One rule, applied to one parameter: to all of it, or to the rows a batch touched."""

    def __init__(self, config: OptimizerConfig, parameter: Tensor) -> None:
        self.rule = RULES[type(config)](config)
        self.parameter = parameter
        self.state = self.rule.start(parameter)
        # FTRL counts rows: its gradient is that of the batch's sum, not of its mean.
        self.sums_rows = isinstance(config, Ftrl)
        self.count = 0
        self.scale = 1.0

    @property
    def rests_at_zero(self) -> bool:
        """Whether a gradient of exactly zero leaves a parameter exactly as it is."""
        return self.rule.rests_at_zero(self.scale)

    def step(self, gradient: Tensor) -> None:
        """Move the whole parameter; `gradient` has its shape."""
        self.count += 1
        self.rule.step(self.parameter, gradient, self.state, self.count, self.scale)

    def step_rows(self, rows: Tensor, gradient: Tensor) -> None:
        """Move the rows [U] of a table [V, d] by their gradients [U, d]; no other row is read."""
        self.count += 1
        wholes = [_plain(whole) for whole in (self.parameter, *self.state)]
        parameter, *state = parts = [whole.index_select(0, rows) for whole in wholes]
        self.rule.step(parameter, _plain(gradient), state, self.count, self.scale)
        for whole, part in zip(wholes, parts, strict=True):
            whole.index_copy_(0, rows, part)


def _plain(table: Tensor) -> Tensor:
    """[V, 1] as [V]: torch reads single numbers several times faster than rows of one."""
    return table.view(-1) if table.shape[1] == 1 else table
