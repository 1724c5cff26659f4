"""Update rules against scalar loops written from the papers, and against torch's own."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl, Sgd
from recsys_demo.models.optimizers import RULES, Optimizer

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
    weight = torch.zeros(1, dtype=torch.float64)
    optimizer = Optimizer(Ftrl(alpha=alpha, beta=beta, l1=l1, l2=l2), weight)
    expected = ftrl_algorithm_1(gradients, alpha, beta, l1, l2)
    for gradient, want in zip(gradients, expected, strict=True):
        optimizer.step(torch.tensor([gradient], dtype=torch.float64))
        assert float(weight) == pytest.approx(want, rel=1e-6, abs=1e-9)


def test_ftrl_returns_a_weight_to_exactly_zero() -> None:
    weight = torch.zeros(1)
    optimizer = Optimizer(Ftrl(alpha=0.5, l1=1.0), weight)
    optimizer.step(torch.tensor([-3.0]))
    assert float(weight) > 0
    optimizer.step(torch.tensor([2.5]))
    assert float(weight) == 0.0


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
    optimizer, twin = Optimizer(config, ours), torch_twin(config, theirs)
    for _ in range(10):
        gradient = torch.randn(7, 3)
        optimizer.step(gradient)
        theirs.grad = gradient.clone()
        twin.step()
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.kind)
def test_touched_rows_move_as_the_whole_would_and_the_others_stay(
    config: Ftrl | AdaGrad | Adam | Sgd,
) -> None:
    start = torch.zeros(6, 2) if isinstance(config, Ftrl) else torch.randn(6, 2)
    rows = torch.tensor([4, 1])
    part, whole = start.clone(), start[rows].clone()
    sparse, dense = Optimizer(config, part), Optimizer(config, whole)
    for step in range(4):
        gradient = torch.randn(2, 2, generator=torch.Generator().manual_seed(step))
        sparse.step_rows(rows, gradient)
        dense.step(gradient)
    assert torch.equal(part[rows], whole)
    others = torch.tensor([0, 2, 3, 5])
    assert torch.equal(part[others], start[others])


def test_every_optimizer_has_a_rule_and_a_test() -> None:
    assert set(RULES) == {type(config) for config in CONFIGS}


@pytest.mark.parametrize("config", [Ftrl(alpha=0.3, l1=0.2, l2=0.1), AdaGrad(), Adam(), Sgd()])
@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_rules_that_rest_at_zero_do(config: object, scale: float) -> None:
    torch.manual_seed(0)
    optimizer = Optimizer(config, torch.zeros(6, 2))  # type: ignore[arg-type] # parametrized
    for _ in range(3):
        optimizer.step(torch.randn(6, 2))
    optimizer.scale = scale
    before = [optimizer.parameter.clone(), *(state.clone() for state in optimizer.state)]
    optimizer.step(torch.zeros(6, 2))
    same = all(map(torch.equal, before, [optimizer.parameter, *optimizer.state]))
    assert same or not optimizer.rule.rests_at_zero(scale)
    if scale == 1 and not isinstance(config, Adam):
        assert same
