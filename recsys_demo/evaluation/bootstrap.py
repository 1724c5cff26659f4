"""How sure a metric is: DeLong's theory for the AUC, else the bootstrap over rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit

from recsys_demo.evaluation.delong import auc_difference, auc_interval
from recsys_demo.evaluation.intervals import Interval, mean_interval
from recsys_demo.evaluation.metrics import (
    METRICS,
    Floats,
    Labels,
    Logits,
    Metric,
    entropy,
    row_losses,
)
from recsys_demo.values import Frozen

Draws = npt.NDArray[np.uint16]
Groups = npt.NDArray[np.integer]
Replicate = Callable[[Draws], Floats]
_CELLS_AT_ONCE = 2_000_000  # weights held at once: 16 MB a copy


class BootstrapConfig(Frozen):
    """How many times rows are drawn again, and how sure an interval shall be."""

    replicates: int = Field(300, ge=50, le=10_000, description="times the rows are drawn again")
    level: float = Field(0.95, ge=0.5, le=0.999, description="share of intervals that hold truth")
    seed: int = Field(0, ge=0, lt=2**31, description="decides the draws")


def interval_of(
    labels: Labels, logits: Logits, metric: Metric, config: BootstrapConfig | None = None
) -> Interval | None:
    """The cheapest sound interval of a metric: DeLong's for the AUC, that of a mean for the log
    loss, else the bootstrap's.

    Logits are [n], or [seeds, n] for the mean over the seeds of a model. None where the metric
    means nothing (no rows, one class).
    """
    config = config or BootstrapConfig()
    of_seeds = np.atleast_2d(logits)
    if math.isnan(metric.value(labels, of_seeds[0])):
        return None
    if metric.key == "auc":
        return auc_interval(labels, logits, config.level)
    if metric.key == "logloss" and len(labels) > 1:
        losses = np.mean([row_losses(labels, seed) for seed in of_seeds], axis=0)
        return mean_interval(losses, config.level)
    return bootstrap(labels, logits, metric, config)


def bootstrap(
    labels: Labels,
    logits: Logits,
    metric: Metric,
    config: BootstrapConfig | None = None,
    groups: Groups | None = None,
) -> Interval:
    """Percentile bootstrap of a metric over rows [n].

    Logits are [n], or [seeds, n] for the mean over the seeds of a model. `groups` [n], numbers
    from 0: draw whole groups (a user's rows) instead of single rows, for rows that are not
    independent. Draws in which the metric means nothing are left out.
    """
    config = config or BootstrapConfig()
    of_seeds = [replicator(labels, seed, metric) for seed in np.atleast_2d(logits)]
    values = [
        np.mean([replicate(w) for replicate in of_seeds], axis=0)
        for w in draws(len(labels), config, groups)
    ]
    value = float(np.mean([metric.value(labels, seed) for seed in np.atleast_2d(logits)]))
    return _percentiles(value, np.concatenate(values), config)


def paired_bootstrap(
    labels: Labels,
    logits_a: Logits,
    logits_b: Logits,
    metric: Metric,
    config: BootstrapConfig | None = None,
    groups: Groups | None = None,
) -> Interval:
    """Bootstrap of how much better a is than b on the same rows, drawn for both together.

    Logits are [n], or [seeds, n] for the mean over the seeds of a model. The difference is of
    shortfalls (`Metric.shortfall`): above 0 means that a is better, for every metric; for the AUC
    it is a's minus b's.
    """
    config = config or BootstrapConfig()
    a, b = (_shortfalls(labels, logits, metric) for logits in (logits_a, logits_b))
    values = [b(w) - a(w) for w in draws(len(labels), config, groups)]
    once = np.ones((1, len(labels)), dtype=np.uint16)
    return _percentiles(float((b(once) - a(once))[0]), np.concatenate(values), config)


def _shortfalls(labels: Labels, logits: Logits, metric: Metric) -> Replicate:
    """The mean shortfall over seeds, under weights."""
    of_seeds = [replicator(labels, seed, metric) for seed in np.atleast_2d(logits)]
    return lambda weights: np.mean(
        [np.abs(replicate(weights) - metric.best) for replicate in of_seeds], axis=0
    )


def draws(rows: int, config: BootstrapConfig, groups: Groups | None = None) -> Iterator[Draws]:
    """How often each row is drawn, [some replicates, rows] at a time: multinomial weights."""
    rng = np.random.default_rng(config.seed)
    units = rows if groups is None else int(groups.max(initial=-1)) + 1
    at_once = max(1, _CELLS_AT_ONCE // max(rows, 1))
    for start in range(0, config.replicates, at_once):
        count = min(at_once, config.replicates - start)
        drawn = rng.integers(0, units, (count, units)) + units * np.arange(count)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=count * units).reshape(count, units)
        of_units: Draws = weights.astype(np.uint16)
        yield of_units if groups is None else of_units[:, groups]


def replicator(labels: Labels, logits: Logits, metric: Metric) -> Replicate:
    """A function of weights [replicates, n] to the metric under each, [replicates]; NaN where it
    means nothing. What costs a sort is done once."""
    make = _REPLICATORS.get(metric.key)
    if make is not None:
        return make(labels, logits)
    return lambda weights: np.array([metric.value(labels, logits, w) for w in weights])


def _auc_replicates(labels: Labels, logits: Logits) -> Replicate:
    order = np.argsort(logits, kind="stable")
    ranked = logits[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    positive = labels[order] > 0
    tied = len(starts) < len(order)

    def replicate(weights: Draws) -> Floats:
        w = weights[:, order].astype(np.float64)
        up = w * positive
        if tied:
            w, up = np.add.reduceat(w, starts, axis=1), np.add.reduceat(up, starts, axis=1)
        down = w - up
        # A positive beats the negatives below it and half of those it is tied with.
        beaten = np.cumsum(down, axis=1) - down / 2
        pairs = up.sum(axis=1) * down.sum(axis=1)
        won = np.einsum("ij,ij->i", up, beaten)
        return _divided(won, pairs, pairs > 0)

    return replicate


def _mean_replicates(values: Floats) -> Replicate:
    def replicate(weights: Draws) -> Floats:
        w = weights.astype(np.float64)
        rows = w.sum(axis=1)
        return _divided(w @ values, rows, rows > 0)

    return replicate


def _entropy_replicates(labels: Labels, logits: Logits) -> Replicate:
    loss = _mean_replicates(row_losses(labels, logits))
    rate = _mean_replicates((labels > 0).astype(np.float64))

    def replicate(weights: Draws) -> Floats:
        base = np.array([entropy(r) for r in rate(weights)])
        return _divided(loss(weights), base, base > 0)

    return replicate


def _calibration_replicates(labels: Labels, logits: Logits) -> Replicate:
    predicted = _mean_replicates(expit(logits))
    rate = _mean_replicates((labels > 0).astype(np.float64))

    def replicate(weights: Draws) -> Floats:
        base = rate(weights)
        return _divided(predicted(weights), base, (base > 0) & (base < 1))

    return replicate


_REPLICATORS: Mapping[str, Callable[[Labels, Logits], Replicate]] = MappingProxyType(
    {
        "auc": _auc_replicates,
        "logloss": lambda labels, logits: _mean_replicates(row_losses(labels, logits)),
        "normalized_entropy": _entropy_replicates,
        "calibration": _calibration_replicates,
    }
)


def _divided(above: Floats, below: Floats, where: npt.NDArray[np.bool_]) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(below), np.nan), where=where))


def _percentiles(value: float, replicates: Floats, config: BootstrapConfig) -> Interval:
    known = replicates[~np.isnan(replicates)]
    tail = (1 - config.level) / 2
    low, high = np.quantile(known, [tail, 1 - tail]) if len(known) else (math.nan, math.nan)
    method = f"bootstrap, {len(known):,} draws"
    return Interval(value, float(low), float(high), config.level, method)


def row_difference(
    labels: Labels,
    logits_a: Logits,
    logits_b: Logits,
    metric: str,
    config: BootstrapConfig | None = None,
) -> Interval | None:
    """How much better a is than b on these rows, with the cheapest sound interval: DeLong's for
    the AUC, that of a mean difference for the log loss, else the paired bootstrap's. None where
    the metric means nothing. Its `n` counts the rows of the rarer label.

    Logits are [n], or [seeds, n] for the mean over the seeds of a model.
    """
    config = config or BootstrapConfig()
    chosen = METRICS[metric]
    if math.isnan(chosen.value(labels, np.atleast_2d(logits_a)[0])):
        return None
    rarer = int(min(np.count_nonzero(labels), np.count_nonzero(labels == 0)))
    if metric == "auc" and rarer > 1:
        return auc_difference(labels, logits_a, logits_b, config.level)
    if metric == "logloss" and len(labels) > 1:
        of_a, of_b = (row_losses(labels, np.atleast_2d(x)).mean(0) for x in (logits_a, logits_b))
        found = mean_interval(of_b - of_a, config.level)
    else:
        found = paired_bootstrap(labels, logits_a, logits_b, chosen, config)
    return replace(found, n=rarer)
