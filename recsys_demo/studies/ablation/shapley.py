"""The share of each component in a metric, over all models with and without the others.

Shapley (1953): phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)), where
v(S) is the metric of the model with the components S, trained again. The shares add up to
v(all) - v(none).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from recsys_demo.studies.ablation.effects import Spread, spread
from recsys_demo.studies.ablation.grid import subset_key
from recsys_demo.studies.ablation.outcomes import Outcomes

Value = Callable[[frozenset[str]], float]


@dataclass(frozen=True)
class Shares:
    """Per component its share over seeds; `total` is v(all) - v(none)."""

    slice: str
    metric: str
    shares: dict[str, Spread]
    total: Spread


def shapley(players: Sequence[str], value: Value) -> dict[str, float]:
    """The exact share of each player; `value` is asked once for each of the 2^n coalitions."""
    n = len(players)
    known = {
        frozenset(pick): value(frozenset(pick))
        for size in range(n + 1)
        for pick in combinations(players, size)
    }
    weight = [math.factorial(s) * math.factorial(n - s - 1) / math.factorial(n) for s in range(n)]
    return {
        player: math.fsum(
            weight[len(others)] * (known[others | {player}] - known[others])
            for others in known
            if player not in others
        )
        for player in players
    }


def shares(
    outcomes: Outcomes,
    kinds: Sequence[str],
    seeds: Sequence[int],
    slice_: str,
    metric: str = "auc",
) -> Shares | None:
    """The shares over the seeds for which all 2^n models are trained; None without such a seed."""
    per_seed: list[dict[str, float]] = []
    totals: list[float] = []
    for seed in seeds:
        values = _values(outcomes, kinds, seed, slice_, metric)
        if values is None:
            continue
        per_seed.append(shapley(kinds, values.__getitem__))
        totals.append(values[frozenset(kinds)] - values[frozenset()])
    if not per_seed:
        return None
    by_kind = {kind: spread([one[kind] for one in per_seed]) for kind in kinds}
    return Shares(slice_, metric, by_kind, spread(totals))


def _values(
    outcomes: Outcomes, kinds: Sequence[str], seed: int, slice_: str, metric: str
) -> dict[frozenset[str], float] | None:
    values: dict[frozenset[str], float] = {}
    for size in range(len(kinds) + 1):
        for pick in combinations(kinds, size):
            outcome = outcomes.get(subset_key(pick), seed)
            if outcome is None or math.isnan(outcome.value(slice_, metric)):
                return None
            values[frozenset(pick)] = outcome.value(slice_, metric)
    return values
