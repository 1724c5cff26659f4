"""The simulated online test: models serve lists to visitors who install by the true probability.

A simulation on planted data, with every visitor meeting every model (a real test cannot do that).
A visitor is a query of the sample; the visitor looks at place r with probability r^-decay and
installs each app looked at with its true probability, independently of the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field

from recsys_demo.evaluation.intervals import LEVEL, normal_quantile, symmetric_interval
from recsys_demo.evaluation.lists import NOTHING, Items
from recsys_demo.evaluation.metrics import Floats
from recsys_demo.evaluation.verdicts import Evidence
from recsys_demo.values import Frozen


class OnlineConfig(Frozen):
    """The visitors and what they look at."""

    k: int = Field(10, ge=1, le=100, description="places in a list")
    visitors: int = Field(20_000, ge=100, le=1_000_000, description="visitors each model serves")
    decay: float = Field(
        0.7,
        ge=0,
        le=5,
        description="position effect: place r is looked at with probability r^-decay; 0 = all are",
    )
    level: float = Field(LEVEL, ge=0.5, le=0.999, description="confidence of the intervals")
    seed: int = Field(0, ge=0, lt=2**31, description="decides the visitors and what they do")


@dataclass(frozen=True)
class Arm:
    """What one model earned, mean over its runs.

    `installs` per visitor, simulated, and `expected`, over all queries of the sample. `gain` is
    percent over the control: what is known of it by visitors (its rows are the queries) and by
    seeds, those of the control counted; None where the control earned nothing. `expected_gain` is
    that of the expected installs, NaN there. It is about visitors like these, not only about these
    queries: many visitors cannot make up for few queries.
    """

    installs: float
    expected: float
    gain: Evidence | None
    expected_gain: float


def attention(config: OnlineConfig) -> Floats:
    """Probability that place r = 1 ... k is looked at, [k]."""
    return np.arange(1, config.k + 1, dtype=np.float64) ** -config.decay


def online_test(
    lists: Mapping[str, Sequence[Items]],
    probability: Floats,
    control: str,
    config: OnlineConfig | None = None,
) -> dict[str, Arm]:
    """Serve every model's lists to the same visitors.

    lists: by model, for each of its runs, the positions of items, best first, [queries, k or more],
    `NOTHING` where a list has ended. probability: the true one, [queries, items]. Visitors draw
    their query evenly and with replacement. Raises ValueError for an unknown control or lists that
    are too short.
    """
    config = config or OnlineConfig()
    if control not in lists:
        raise ValueError(f"the control {control!r} is none of the models")
    short = [name for name, runs in lists.items() if min(r.shape[1] for r in runs) < config.k]
    if short:
        raise ValueError(f"the lists of {short} are shorter than k = {config.k}")
    queries = np.random.default_rng(config.seed).integers(0, len(probability), config.visitors)
    earned = {
        name: _earned([items[:, : config.k] for items in runs], probability, queries, config)
        for name, runs in lists.items()
    }
    return {name: _arm(one, earned[control], queries, config) for name, one in earned.items()}


@dataclass(frozen=True, eq=False)
class _Earned:
    """Installs of every visitor, mean over runs [visitors]; installs per visitor of each run; and
    the expected ones."""

    by_visitor: Floats
    of_runs: tuple[float, ...]
    expected: float


def _earned(
    runs: Sequence[Items],
    probability: Floats,
    queries: npt.NDArray[np.int64],
    config: OnlineConfig,
) -> _Earned:
    installs = [_installs(items, probability, queries, config) for items in runs]
    return _Earned(
        np.asarray(np.mean(installs, axis=0), dtype=np.float64),
        tuple(float(one.mean()) for one in installs),
        float(np.mean([_expected(items, probability, config) for items in runs])),
    )


def _shown_probability(items: Items, probability: Floats) -> Floats:
    """Probability of each place's item, [queries, k]; 0 where nothing is shown."""
    taken = np.take_along_axis(probability, np.maximum(items, 0), axis=1)
    return np.where(items == NOTHING, 0.0, taken)


def _expected(items: Items, probability: Floats, config: OnlineConfig) -> float:
    of_place = _shown_probability(items, probability)
    return float((of_place @ attention(config)[: items.shape[1]]).mean())


def _installs(
    items: Items,
    probability: Floats,
    queries: npt.NDArray[np.int64],
    config: OnlineConfig,
) -> npt.NDArray[np.int64]:
    """Installs of every visitor, [visitors].

    Luck belongs to the visitor, not to the model: whether a visitor would install an app, and
    whether they look at a place, is the same whichever model serves them. So what two models have
    in common cancels in their difference.
    """
    served = items[queries]
    visitor = np.arange(len(queries))[:, None]
    place = np.arange(served.shape[1])[None, :]
    looks = _uniform(config.seed, 1, visitor, place) < attention(config)[: served.shape[1]]
    wants = (
        _uniform(config.seed, 2, visitor, served) < _shown_probability(items, probability)[queries]
    )
    return np.asarray((looks & wants).sum(axis=1), dtype=np.int64)


def _arm(
    own: _Earned, control: _Earned, queries: npt.NDArray[np.int64], config: OnlineConfig
) -> Arm:
    mean = float(own.by_visitor.mean())
    expected_gain = math.nan
    if control.expected:
        expected_gain = 100 * (own.expected / control.expected - 1)
    return Arm(mean, own.expected, _gain(own, control, queries, config), expected_gain)


def _gain(
    own: _Earned, control: _Earned, queries: npt.NDArray[np.int64], config: OnlineConfig
) -> Evidence | None:
    """The ratio of two paired means, by the delta method: what spreads is the installs of the
    model less the ratio times those of the control."""
    base = float(control.by_visitor.mean())
    if not base:
        return None
    ratio = float(own.by_visitor.mean()) / base
    # Visitors with the same query are alike, so each query's go together (cluster-robust).
    left = np.bincount(queries, weights=own.by_visitor - ratio * control.by_visitor)
    error = math.sqrt(float((left**2).sum())) / (len(queries) * base)
    half = 100 * normal_quantile(config.level) * error
    method = f"normal over {len(queries):,} visitors"
    rows = symmetric_interval(
        100 * (ratio - 1), half, config.level, method, len(np.unique(queries))
    )
    runs = tuple(100 * one / base for one in own.of_runs)
    against = tuple(100 + 100 * ratio * (one / base - 1) for one in control.of_runs)
    if own is control:  # whatever the luck, a model has no gain over itself
        runs = against = (100.0,) * len(runs)
    return Evidence(runs, against, rows, config.level)


def _uniform(
    seed: int, stream: int, visitor: npt.NDArray[np.int64], what: npt.NDArray[np.int64]
) -> Floats:
    """A number in [0, 1) that depends on its four arguments only, by hashing them (splitmix64,
    Steele et al. 2014): no matrix of visitors x catalogue is needed to give each pair its luck."""
    start = _mixed(np.uint64(seed) * np.uint64(4) + np.uint64(stream) + np.zeros(1, np.uint64))
    mixed = _mixed(_mixed(start + visitor.astype(np.uint64)) + what.astype(np.uint64))
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mixed(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
