"""Optimizers and their settings, free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from recsys_demo.values import Frozen

Update = Literal["touched", "all"]
UPDATE_HELP = "rows a batch updates: those it touched (fast), or all (weight decay reaches all)"


class Ftrl(Frozen):
    """FTRL-Proximal with L1 and L2 (McMahan et al. 2013, Algorithm 1).

    It sees the gradient of the batch's summed loss, so that l1 counts rows whatever the batch size.
    """

    kind: Literal["ftrl"] = "ftrl"
    alpha: float = Field(0.1, gt=0, le=10, description="learning rate of the first steps")
    beta: float = Field(1.0, ge=0, le=100, description="slows the first steps down")
    l1: float = Field(
        3.0, ge=0, le=1000, description="pull to exactly zero: higher values drop more rare weights"
    )
    l2: float = Field(0.0, ge=0, le=1000, description="pull towards zero")


class AdaGrad(Frozen):
    """AdaGrad (Duchi et al. 2011): steps shrink with the squared gradients seen so far."""

    kind: Literal["adagrad"] = "adagrad"
    learning_rate: float = Field(0.05, gt=0, le=10, description="size of the first step")
    initial_accumulator: float = Field(
        1e-6, ge=0, le=10, description="squared gradient assumed before the first step"
    )
    l2: float = Field(0.0, ge=0, le=10, description="pull towards zero, added to the gradient")


class Adam(Frozen):
    """Adam (Kingma and Ba 2015)."""

    kind: Literal["adam"] = "adam"
    learning_rate: float = Field(0.005, gt=0, le=10, description="size of a step")
    beta1: float = Field(0.9, ge=0, lt=1, description="decay of the gradient's running mean")
    beta2: float = Field(
        0.999, ge=0, lt=1, description="decay of the squared gradient's running mean"
    )
    epsilon: float = Field(1e-8, gt=0, le=1, description="keeps a step finite")
    l2: float = Field(0.0, ge=0, le=10, description="pull towards zero, added to the gradient")


class Sgd(Frozen):
    """Plain stochastic gradient descent."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: float = Field(0.1, gt=0, le=1000, description="size of a step")
    l2: float = Field(0.0, ge=0, le=10, description="pull towards zero, added to the gradient")


Optimizer = Annotated[Ftrl | AdaGrad | Adam | Sgd, Field(discriminator="kind")]
# FTRL rebuilds a weight from its gradients and so starts at zero, where a network cannot start.
DenseOptimizer = Annotated[AdaGrad | Adam | Sgd, Field(discriminator="kind")]


OPTIMIZERS: Mapping[str, type[Ftrl | AdaGrad | Adam | Sgd]] = MappingProxyType(
    {"ftrl": Ftrl, "adagrad": AdaGrad, "adam": Adam, "sgd": Sgd}
)
