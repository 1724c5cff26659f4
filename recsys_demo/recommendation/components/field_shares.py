"""Exact Shapley values of fields, for components that begin with a sum over the fields.

v(S) is the component's logit where the fields in S have their values and all others an average one.
What the component begins with being a sum over the fields, all 2^F rows cost one product each.

Shapes: n rows, F fields, h numbers in the sum.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import ClassVar, TypeVar

import numpy as np

from recsys_demo.config.components import Kind
from recsys_demo.features.fields import FieldCodes
from recsys_demo.recommendation.components.base import Explain, Row, Serve, Term
from recsys_demo.recommendation.shapley import members, shapley_values
from recsys_demo.recommendation.weights import Floats, Reals, Singles

MOST_PLAYERS = 12
BLOCK = 4096
AVERAGE = "all fields average"


class SummingServe(Serve):
    """A component whose logit is a function of a sum over the fields."""

    @abstractmethod
    def shares(self, codes: FieldCodes) -> Singles:
        """Each field's share of the sum, in the order of the codes, [n, F, h]."""

    @abstractmethod
    def network(self, sums: Reals) -> Floats:
        """The logit from the sums [n, h], [n]."""


S = TypeVar("S", bound=SummingServe)


class FieldShares(Explain[S]):
    """A term for an average row, and each field's share of what this row has more. Beyond
    `MOST_PLAYERS` fields, those that matter least alone have one term together."""

    part: ClassVar[Kind]

    def terms(self, row: Row) -> Iterator[Term]:
        names = list(row.codes.codes)
        base = np.stack([self.averages[name] for name in names])
        more = self.serve.shares(row.codes)[0] - base
        players = self._players(names, base, more)
        gains = np.stack([more[[names.index(n) for n in p]].sum(0) for p in players])
        values = self._values(gains, base.sum(0))
        yield Term(self.part, AVERAGE, (), float(values[0]))
        for own, value in zip(players, shapley_values(values).tolist(), strict=True):
            told = row.field(own[0]) if len(own) == 1 else f"{len(own)} other fields"
            yield Term(self.part, told, own, value)

    @cached_property
    def averages(self) -> Mapping[str, Singles]:
        """Each field's mean share of the sum, [h] each: of an item field over the catalogue, of any
        other over the queries known."""
        return self._means(self.serve.items) | self._means(self.known())

    def _means(self, codes: FieldCodes) -> dict[str, Singles]:
        totals = [
            self.serve.shares(codes.take(np.arange(start, min(start + BLOCK, len(codes))))).sum(
                0, dtype=np.float64
            )
            for start in range(0, max(len(codes), 1), BLOCK)
        ]
        means = (sum(totals) / max(len(codes), 1)).astype(np.float32)
        return dict(zip(codes.codes, means, strict=True))

    def _values(self, gains: Singles, base: Singles) -> Floats:
        """The logit of every coalition, [2^players]."""
        who = members(len(gains))
        pieces = [
            self.serve.network(who[start : start + BLOCK] @ gains + base)
            for start in range(0, len(who), BLOCK)
        ]
        return np.concatenate(pieces)

    def _players(self, names: list[str], base: Singles, more: Singles) -> list[tuple[str, ...]]:
        if len(names) <= MOST_PLAYERS:
            return [(name,) for name in names]
        whole = base.sum(0) + more.sum(0)
        lost = self.serve.network(whole - more) - self.serve.network(whole[None])
        order = np.argsort(-np.abs(lost), kind="stable")
        alone = sorted(order[: MOST_PLAYERS - 1].tolist())
        rest = sorted(order[MOST_PLAYERS - 1 :].tolist())
        return [*[(names[i],) for i in alone], tuple(names[i] for i in rest)]
