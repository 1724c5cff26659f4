"""The share of each component in a metric, over all models with and without the others.

Shapley (1953): phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)), where
v(S) is the metric of the model with the components S, trained again. The shares add up to
v(all) - v(none).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.config.components import Kind
from recsys_demo.evaluation.intervals import Interval, seed_interval
from recsys_demo.recommendation.shapley import Floats, members, shapley_values
from recsys_demo.studies.ablation.grid import subset_key
from recsys_demo.studies.ablation.outcomes import Outcomes


@dataclass(frozen=True)
class Shares:
    """Per component its share over seeds; `total` is v(all) - v(none)."""

    slice: str
    metric: str
    shares: dict[Kind, Interval]
    total: Interval


def shares(
    outcomes: Outcomes,
    kinds: Sequence[Kind],
    seeds: Sequence[int],
    slice_: str,
    metric: str = "auc",
) -> Shares | None:
    """The shares over the seeds for which all 2^n models are trained; None without such a seed."""
    games = [_values(outcomes, kinds, seed, slice_, metric) for seed in seeds]
    whole = [values for values in games if not np.isnan(values).any()]
    if not whole:
        return None
    per_seed = np.array([shapley_values(values) for values in whole])
    by_kind = {
        kind: seed_interval(own.tolist()) for kind, own in zip(kinds, per_seed.T, strict=True)
    }
    totals = [float(values[-1] - values[0]) for values in whole]
    return Shares(slice_, metric, by_kind, seed_interval(totals))


def _values(
    outcomes: Outcomes, kinds: Sequence[Kind], seed: int, slice_: str, metric: str
) -> Floats:
    """The metric of every subset's model, [2^kinds] in the order of `members`; NaN where it is not
    known."""
    values = []
    for who in members(len(kinds)):
        pick = [kind for kind, there in zip(kinds, who, strict=True) if there]
        outcome = outcomes.get(subset_key(pick), seed)
        values.append(math.nan if outcome is None else outcome.value(slice_, metric))
    return np.array(values)
