"""Tables: what a batch read moves, by the rule, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl, Sgd
from recsys_demo.models.components.base import sum_weights
from recsys_demo.models.optimizers import Optimizer, OptimizerConfig
from recsys_demo.models.parameters import Table

CONFIGS = [Ftrl(l1=0.1), AdaGrad(), AdaGrad(l2=0.1), Adam(), Adam(l2=0.1), Sgd(), Sgd(l2=0.1)]
ROWS, IDS = 30, np.array([[3, 3, 0], [7, 1, 0], [29, 3, 7]], dtype=np.int32)
UPSTREAM = np.linspace(-1, 2, 3, dtype=np.float32)
NOTHING = np.zeros((3, 0), dtype=np.float32)


def table_of(config: OptimizerConfig, update: Any = "touched") -> Table:
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(ROWS, 1, generator=generator) * (not isinstance(config, Ftrl))
    return Table(weight, config, update)


def learn(table: Table, ids: np.ndarray) -> None:
    """One step on a loss that pulls every row's sum in a direction of its own."""
    sum_weights(table, ids, NOTHING, 3)[1](UPSTREAM)
    table.step(rows_in_batch=3)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("update", ["touched", "all"])
@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_a_tables_steps_are_those_of_the_rule_on_plain_gradients(
    config: OptimizerConfig, update: str, scale: float
) -> None:
    table = table_of(config, update)
    slow = table.values.copy()
    rule = Optimizer(config, slow)
    table.optimizer.scale = rule.scale = scale
    for step in range(4):
        ids = np.where(IDS > 0, (IDS + 2 * step) % (ROWS - 1) + 1, 0).astype(np.int32)
        gradient = np.zeros_like(slow)
        np.add.at(gradient, ids.ravel(), np.repeat(UPSTREAM, 3)[:, None])
        moved = np.arange(1, ROWS) if update == "all" else np.setdiff1d(ids, [0])
        factor = 3 if isinstance(config, Ftrl) else 1  # it sees the summed loss
        rule.step(moved.astype(np.int32), factor * gradient[moved])
        learn(table, ids)
    np.testing.assert_allclose(table.values, slow, rtol=1e-5, atol=1e-6)
    assert not table.values[0].any(), "padding stays zero"


@pytest.mark.parametrize("config", CONFIGS)
def test_only_rows_that_were_read_move(config: OptimizerConfig) -> None:
    table = table_of(config)
    before = table.values.copy()
    learn(table, IDS)
    moved = np.flatnonzero((table.values != before).any(1))
    assert set(moved) <= set(IDS.ravel()) - {0}
    assert len(moved)


@pytest.mark.parametrize("update", ["touched", "all"])
@pytest.mark.parametrize("config", CONFIGS)
def test_warming_up_moves_nothing(config: OptimizerConfig, update: str) -> None:
    table, fresh = table_of(config, update), table_of(config, update)
    sum_weights(table, IDS, NOTHING, 3)[1](UPSTREAM)
    table.warm_up()
    for one in (table, fresh):
        learn(one, IDS)
    assert np.array_equal(table.values, fresh.values)


def test_a_table_of_which_nothing_was_read_stays() -> None:
    table = table_of(Adam())
    before = table.values.copy()
    table.step(3)
    assert np.array_equal(table.values, before)
