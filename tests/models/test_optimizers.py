"""Update rules against scalar loops written from the papers, and against torch's own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl, Sgd
from recsys_demo.models.optimizers import RULES, Optimizer
from recsys_demo.models.parameters import FIRST_ROW

CONFIGS = [Ftrl(alpha=0.3, l1=0.2, l2=0.1), AdaGrad(l2=0.1), Adam(l2=0.1), Sgd(l2=0.1)]


def ftrl_algorithm_1(
    gradients: list[float], alpha: float, beta: float, l1: float, l2: float
) -> list[float]:
    """Per-coordinate FTRL-Proximal, line by line from Algorithm 1, for one coordinate."""
    z = n = 0.0
    weights = []
    for g in [*gradients, None]:
        if abs(z) <= l1:
            w = 0.0
        else:
            w = -(z - math.copysign(l1, z)) / ((beta + math.sqrt(n)) / alpha + l2)
        weights.append(w)
        if g is None:
            break
        sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / alpha
        z += g - sigma * w
        n += g * g
    return weights[1:]


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=20),
    st.floats(0.01, 2),
    st.floats(0.01, 3),  # with beta = 0 the paper's first weight is 0 / 0
    st.floats(0, 3),
    st.floats(0, 3),
)
def test_ftrl_is_algorithm_1(
    gradients: list[float], alpha: float, beta: float, l1: float, l2: float
) -> None:
    weight = np.zeros((1, 1))
    optimizer = Optimizer(Ftrl(alpha=alpha, beta=beta, l1=l1, l2=l2), weight)
    expected = ftrl_algorithm_1(gradients, alpha, beta, l1, l2)
    for gradient, want in zip(gradients, expected, strict=True):
        optimizer.step(FIRST_ROW, np.array([[gradient]]))
        assert float(weight[0, 0]) == pytest.approx(want, rel=1e-6, abs=1e-9)


def test_ftrl_returns_a_weight_to_exactly_zero() -> None:
    weight = np.zeros((1, 1), dtype=np.float32)
    optimizer = Optimizer(Ftrl(alpha=0.5, l1=1.0), weight)
    optimizer.step(FIRST_ROW, np.float32([[-3.0]]))
    assert weight[0, 0] > 0
    optimizer.step(FIRST_ROW, np.float32([[2.5]]))
    assert weight[0, 0] == 0.0


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.kind)
def test_a_weight_that_is_no_number_stays_none(config: Ftrl | AdaGrad | Adam | Sgd) -> None:
    weight = np.zeros((1, 1), dtype=np.float32)
    Optimizer(config, weight).step(FIRST_ROW, np.float32([[math.nan]]))
    assert math.isnan(weight[0, 0])


def torch_twin(config: AdaGrad | Adam | Sgd, weight: torch.Tensor) -> torch.optim.Optimizer:
    if isinstance(config, AdaGrad):
        return torch.optim.Adagrad(
            [weight],
            lr=config.learning_rate,
            initial_accumulator_value=config.initial_accumulator,
            weight_decay=config.l2,
        )
    if isinstance(config, Adam):
        betas = (config.beta1, config.beta2)
        return torch.optim.Adam(
            [weight], lr=config.learning_rate, betas=betas, weight_decay=config.l2
        )
    return torch.optim.SGD([weight], lr=config.learning_rate, weight_decay=config.l2)


@pytest.mark.parametrize("config", CONFIGS[1:], ids=lambda c: c.kind)
def test_dense_rules_are_torchs(config: AdaGrad | Adam | Sgd) -> None:
    torch.manual_seed(0)
    ours = torch.randn(7, 3)
    theirs = ours.clone().requires_grad_()
    optimizer, twin = Optimizer(config, ours.numpy()), torch_twin(config, theirs)
    for _ in range(10):
        gradient = torch.randn(7, 3)
        optimizer.step(np.arange(7, dtype=np.int32), gradient.numpy())
        theirs.grad = gradient.clone()
        twin.step()
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.kind)
def test_touched_rows_move_as_the_whole_would_and_the_others_stay(
    config: Ftrl | AdaGrad | Adam | Sgd,
) -> None:
    random = np.random.default_rng(0)
    start = (random.standard_normal((6, 2)) * (not isinstance(config, Ftrl))).astype(np.float32)
    rows = np.array([4, 1], dtype=np.int32)
    part, whole = start.copy(), start[rows].copy()
    sparse, dense = Optimizer(config, part), Optimizer(config, whole)
    for _ in range(4):
        gradient = random.standard_normal((2, 2)).astype(np.float32)
        sparse.step(rows, gradient)
        dense.step(np.arange(2, dtype=np.int32), gradient)
    assert np.array_equal(part[rows], whole)
    others = np.array([0, 2, 3, 5])
    assert np.array_equal(part[others], start[others])


def test_every_optimizer_has_a_rule_and_a_test() -> None:
    assert set(RULES) == {type(config) for config in CONFIGS}
