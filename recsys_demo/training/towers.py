"""Two towers: a vector for the query, a vector for the item, and their product as the score.

Trained on taken rows only. The items of a batch stand against each other (sampled softmax): row i
has to prefer its item i to every item j of the batch,

    loss = - mean_i log( exp(s_ii) / sum_j exp(s_ij) ),   s_ij = q_i . v_j - log Q(j)

Popular items come into a batch more often, as Q(j), their share of the taken rows, says; without
the correction by log Q(j) they are pushed down for it, and the scores lack popularity (Yi et al.
2019, "Sampling-bias-corrected neural modeling", section 3).

Shapes: n rows, F fields of one side, d numbers per vector, h hidden neurons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from recsys_demo.config.towers import TowersConfig
from recsys_demo.data.interactions import Interactions
from recsys_demo.errors import InputError
from recsys_demo.features.fields import FieldCodes, FieldEncoder, fit_fields
from recsys_demo.features.vocabulary import ABSENT
from recsys_demo.models.parameters import seeded

SIDES: Mapping[str, tuple[str, ...]] = {"query": ("user", "context"), "item": ("item",)}


@dataclass(frozen=True)
class TowersEpoch:
    """A pass is done: the mean loss of its batches before each was learned from."""

    epoch: int
    loss: float


class TwoTowers:
    """The parameters by name: `vectors` [rows, d] of all values, and of each side `side.weight0`
    [h, F d], `side.bias0` [h], `side.weight1` [d, h]."""

    def __init__(self, fields: FieldEncoder, config: TowersConfig, seed: int) -> None:
        self.fields, size, hidden = fields, config.size, config.hidden
        self.names = {side: side_fields(fields, side) for side in SIDES}

        def drawn(name: str, *shape: int) -> Tensor:
            start = torch.randn(shape, generator=seeded(seed, f"towers.{name}"))
            scaled: Tensor = start / shape[-1] ** 0.5
            return scaled.requires_grad_()

        self.state = {"vectors": drawn("vectors", fields.table_rows, size)}
        for side, names in self.names.items():
            self.state[f"{side}.weight0"] = drawn(f"{side}0", hidden, len(names) * size)
            self.state[f"{side}.bias0"] = torch.zeros(hidden, requires_grad=True)
            self.state[f"{side}.weight1"] = drawn(f"{side}1", size, hidden)

    @classmethod
    def of_rows(cls, train: Interactions, config: TowersConfig, seed: int) -> Self:
        """Fresh towers for the values that training rows have. Raises InputError over a limit."""
        return cls(fit_fields(train), config, seed)

    def tower(self, side: str, codes: FieldCodes) -> Tensor:
        """The vector of each row, [n, d]."""
        x = torch.cat([self._vector(codes, name) for name in self.names[side]], dim=1)
        x = torch.relu(functional.linear(x, *(self.state[f"{side}.{n}0"] for n in _FIRST)))
        return functional.linear(x, self.state[f"{side}.weight1"])

    def _vector(self, codes: FieldCodes, name: str) -> Tensor:
        """The mean of a field's values, a numeric field's own times its quantile position."""
        table, offset = self.state["vectors"], self.fields.offsets()[name]
        if name in codes.positions:
            return torch.from_numpy(codes.positions[name])[:, None] * table[offset]
        own = torch.from_numpy(codes.of(name).astype(np.int64))
        there = (own != ABSENT).float()[:, :, None]
        total = (table[own.clamp(min=0) + offset] * there).sum(1)
        return total / there.sum(1).clamp(min=1)


_FIRST = ("weight", "bias")


def side_fields(fields: FieldEncoder, side: str) -> list[str]:
    """The fields that a tower reads."""
    schema = fields.schema
    return [name for name, field in schema.fields.items() if field.side in SIDES[side]]


def sampled_softmax(queries: Tensor, items: Tensor, log_q: Tensor) -> Tensor:
    """The mean loss of a batch, for vectors [n, d] of its queries and items and the log [n] of how
    often each item is drawn."""
    scores = queries @ items.T - log_q
    return functional.cross_entropy(scores, torch.arange(len(scores)))


def train_towers(
    towers: TwoTowers, train: Interactions, config: TowersConfig, seed: int
) -> Iterator[TowersEpoch]:
    """Learn from the taken rows. Raises InputError if there is nothing to learn from."""
    taken = train.take(np.flatnonzero(train.labels))
    _check(towers, taken)
    codes = towers.fields.encode(taken.frame)
    log_q = torch.from_numpy(_log_shares(taken)) if config.log_q else torch.zeros(len(taken))
    optimizer = torch.optim.Adam(list(towers.state.values()), lr=config.learning_rate)
    order = seeded(seed, "towers.order")
    for epoch in range(1, config.epochs + 1):
        losses = []
        shuffled = torch.randperm(len(taken), generator=order)
        for start in range(0, len(taken), config.batch_size):
            rows = shuffled[start : start + config.batch_size]
            batch = codes.take(rows.numpy())
            queries, items = (towers.tower(side, batch) for side in ("query", "item"))
            loss = sampled_softmax(queries, items, log_q[rows])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(float(loss.detach()))
        yield TowersEpoch(epoch, sum(losses) / len(losses))


def arrays_of(towers: TwoTowers) -> dict[str, npt.NDArray[Any]]:
    """The parameters as plain arrays."""
    return {name: tensor.detach().numpy() for name, tensor in towers.state.items()}


def _log_shares(taken: Interactions) -> npt.NDArray[np.float32]:
    """The log of each row's item's share of the taken rows, [n]."""
    items = taken.frame[taken.schema.item].cat.codes.to_numpy()
    counts = np.bincount(items)
    return np.log(counts[items] / len(items)).astype(np.float32)


def _check(towers: TwoTowers, taken: Interactions) -> None:
    if len(taken) < 2 or not all(towers.names.values()):
        raise InputError.of(
            what="two towers cannot learn from this log",
            where="training rows",
            got=f"{len(taken):,} taken rows, {len(towers.names['query'])} fields of users and "
            f"contexts, {len(towers.names['item'])} fields of items",
            expected="taken rows, and fields on both sides",
            remedy="Give fields a side in the schema, in the Data room.",
        )
