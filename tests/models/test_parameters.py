"""Tables: every way of reading and moving rows gives the digits of the plain one."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from recsys_demo.config.optimizers import AdaGrad, Adam, Ftrl, Sgd
from recsys_demo.models import parameters
from recsys_demo.models.kernels import Bags, RowFinder, bag_starts, sum_bags
from recsys_demo.models.optimizers import Optimizer, OptimizerConfig
from recsys_demo.models.parameters import Table

CONFIGS = [Ftrl(l1=0.1), AdaGrad(), AdaGrad(l2=0.1), Adam(), Adam(l2=0.1), Sgd(), Sgd(l2=0.1)]
ROWS, IDS = 30, torch.tensor([[3, 3, 0], [7, 1, 0], [29, 3, 7]], dtype=torch.int32)


def learn(table: Table, steps: int = 4) -> Tensor:
    """A few steps on a loss that pulls every read row in a direction of its own."""
    table.finder = RowFinder(ROWS)
    for step in range(steps):
        ids = IDS + step * (IDS > 0).int() * 2 % ROWS
        ids = torch.where(ids < ROWS, ids, 5).int()
        read = table.read(ids)
        bags = Bags(read.place, torch.ones(9), bag_starts(3, (3,)))
        out = sum_bags(read.values, bags)
        (out * torch.linspace(-1, 1, out.numel()).view_as(out)).sum().backward()
        table.step(rows_in_batch=3)
    return table.weight


def start(config: OptimizerConfig, size: int, update: str) -> Table:
    generator = torch.Generator().manual_seed(1)
    weight = torch.zeros(ROWS, size)
    if not isinstance(config, Ftrl):
        weight = torch.randn(ROWS, size, generator=generator)
    return Table(weight, config, update)  # type: ignore[arg-type] # parametrized


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("update", ["touched", "all"])
@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_small_and_large_tables_move_to_the_same_digits(
    config: OptimizerConfig, update: str, size: int, scale: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = []
    for limit in (0, 10, 1000):  # found rows; all rows, then the different ones; all rows
        monkeypatch.setattr(parameters, "_NUMBERS_PER_READ", limit)
        table = start(config, size, update)
        learn(table, 2)
        table.optimizer.scale = scale
        moved.append(learn(table))
    assert torch.equal(moved[0], moved[1])
    assert torch.equal(moved[0], moved[2])
    assert not moved[0][0].any(), "padding stays zero"


@pytest.mark.parametrize("config", CONFIGS)
def test_only_rows_that_were_read_move(config: OptimizerConfig) -> None:
    table = start(config, 2, "touched")
    before = table.weight.clone()
    learn(table, 1)
    moved = (table.weight != before).any(1).nonzero().view(-1)
    assert set(moved.tolist()) <= set(IDS.unique().tolist()) - {0}
    assert len(moved)


@pytest.mark.parametrize("config", CONFIGS)
def test_rows_move_as_whole_parameters_do(config: OptimizerConfig) -> None:
    torch.manual_seed(0)
    rows, gradient = torch.tensor([4, 1, 2]), torch.randn(3, 1)
    some, whole = (Optimizer(config, torch.zeros(5, 1)) for _ in range(2))
    some.step_rows(rows, gradient)
    whole.step(torch.zeros(5, 1).index_copy_(0, rows, gradient))
    assert torch.equal(some.parameter[rows], whole.parameter[rows])


def test_a_table_without_a_finder_reads_and_keeps_nothing() -> None:
    table = start(Adam(), 2, "touched")
    read = table.read(IDS)
    assert torch.equal(read.values[read.place].view(3, 3, 2), table.weight[IDS])
    before = table.weight.clone()
    table.step(3)
    assert torch.equal(table.weight, before)
