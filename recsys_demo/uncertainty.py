"""How sure a metric is: bootstrap over rows, and DeLong's theory of the AUC."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy.special import expit, ndtr, ndtri
from scipy.stats import rankdata

from recsys_demo.data.schema import Frozen
from recsys_demo.metrics import METRICS, Floats, Labels, Logits, Metric, entropy, row_losses

Draws = npt.NDArray[np.uint16]
Groups = npt.NDArray[np.integer]
Replicate = Callable[[Draws], Floats]
_CELLS_AT_ONCE = 2_000_000  # weights held at once: 16 MB a copy


class BootstrapConfig(Frozen):
    """How many times rows are drawn again, and how sure an interval shall be."""

    replicates: int = Field(300, ge=50, le=10_000, description="times the rows are drawn again")
    level: float = Field(0.95, ge=0.5, le=0.999, description="share of intervals that hold truth")
    seed: int = Field(0, ge=0, lt=2**31, description="decides the draws")


@dataclass(frozen=True)
class Interval:
    """A value and where it could be, at this confidence, by this method."""

    value: float
    low: float
    high: float
    level: float
    method: str

    @property
    def half_width(self) -> float:
        """Half of the interval: the number after a ±."""
        return (self.high - self.low) / 2

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference of zero is outside."""
        return self.low > 0 or self.high < 0


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


def mean_interval(values: Floats, level: float = 0.95) -> Interval:
    """A mean over rows with its normal interval, from at least two values [n]."""
    mean = float(values.mean())
    half = _z(level) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half, level, "normal")


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


@dataclass(frozen=True, eq=False)
class Placements:
    """What DeLong's theory needs of a model: `positive` [positives] the share of negatives each
    positive row beats, `negative` [negatives] the share of positives that beat each negative one
    (ties count half), both as the mean over seeds; `of_seeds` the AUC of every seed."""

    positive: Floats
    negative: Floats
    of_seeds: tuple[float, ...]

    @property
    def auc(self) -> float:
        """Mean AUC over the seeds."""
        return float(self.positive.mean())

    def interval(self, level: float = 0.95) -> Interval:
        """DeLong's interval of the AUC, made on the logit scale so that it stays within 0 and 1
        (Pepe 2003).

        Where DeLong sees no spread (an AUC of exactly 0 or 1, or one row of a class) it is
        Wilson's interval of a share of as many rows as the smaller class has, which is wide rather
        than wrong.
        """
        value = self.auc
        smaller = min(len(self.positive), len(self.negative))
        if smaller < 2 or not 0 < value < 1:
            low, high = wilson(np.array([value * smaller]), np.array([smaller]), level)
            return Interval(value, float(low[0]), float(high[0]), level, "Wilson")
        error = math.sqrt(_variance(self.positive, self.negative))
        middle = math.log(value / (1 - value))
        half = _z(level) * error / (value * (1 - value))
        low_end, high_end = float(expit(middle - half)), float(expit(middle + half))
        return Interval(value, low_end, high_end, level, "DeLong")

    def against(self, other: Placements, level: float = 0.95) -> DeLong:
        """DeLong's test of this AUC against another's on the same rows. Raises ValueError with
        fewer than two rows of a class."""
        if min(len(self.positive), len(self.negative)) < 2:
            raise ValueError("DeLong's test needs at least two rows of each class")
        variance = _variance(self.positive - other.positive, self.negative - other.negative)
        error = math.sqrt(variance)
        gain = self.auc - other.auc
        # Without any spread, equal AUCs agree with certainty and others differ with certainty.
        score = abs(gain) / error if error > 0 else math.inf if gain else 0.0
        half = _z(level) * error
        difference = Interval(gain, gain - half, gain + half, level, "DeLong")
        return DeLong(self.auc, other.auc, difference, error, 2 * float(ndtr(-score)))


def placements(labels: Labels, logits: Logits) -> Placements:
    """Of logits [n], or [seeds, n], on rows of both classes (midranks as in Sun and Xu 2014)."""
    of_seeds = [_placements(labels, seed) for seed in np.atleast_2d(logits)]
    positive, negative = (np.mean(part, axis=0) for part in zip(*of_seeds, strict=True))
    return Placements(positive, negative, tuple(float(beats.mean()) for beats, _ in of_seeds))


def auc_interval(labels: Labels, logits: Logits, level: float = 0.95) -> Interval:
    """AUC with DeLong's interval (`Placements.interval`). Logits are [n], or [seeds, n] for the
    mean AUC over the seeds of a model."""
    return placements(labels, logits).interval(level)


def wilson(
    positives: npt.NDArray[np.floating] | npt.NDArray[np.integer],
    rows: npt.NDArray[np.integer],
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share (Wilson 1927), low and high of each [n]."""
    z = _z(level)
    share = positives / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * np.sqrt(share * (1 - share) / rows + z * z / (4 * rows**2))
    # The exact ends for no and for all positives are 0 and 1; rounding must not pass them.
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def _z(level: float) -> float:
    return float(ndtri((1 + level) / 2))


@dataclass(frozen=True)
class DeLong:
    """DeLong's test of two AUCs on the same rows."""

    auc_a: float
    auc_b: float
    difference: Interval
    standard_error: float
    p_value: float


def delong(labels: Labels, logits_a: Logits, logits_b: Logits, level: float = 0.95) -> DeLong:
    """Are two AUCs on the same rows different? (DeLong, DeLong and Clarke-Pearson 1988, by the
    midranks of Sun and Xu 2014.)

    Logits are [n], or [seeds, n] for the mean AUC over the seeds of a model: placements add up.
    `p_value` is two-sided. Raises ValueError with fewer than two rows of a class.
    """
    return placements(labels, logits_a).against(placements(labels, logits_b), level)


def _placements(labels: Labels, logits: Logits) -> tuple[Floats, Floats]:
    """Per positive row the share of negatives it beats, and per negative row the share of
    positives that beat it; a tie counts half. Both have the AUC as their mean."""
    positive = labels > 0
    ranks = rankdata(logits)
    up, down = logits[positive], logits[~positive]
    beats = (ranks[positive] - rankdata(up)) / len(down)
    beaten = 1 - (ranks[~positive] - rankdata(down)) / len(up)
    return beats, beaten


def _variance(positive: Floats, negative: Floats) -> float:
    """Variance of an AUC (or a difference of AUCs) from its placements; 0 for a class of one."""
    return sum(
        float(part.var(ddof=1)) / len(part) for part in (positive, negative) if len(part) > 1
    )


def row_difference(
    labels: Labels,
    logits_a: Logits,
    logits_b: Logits,
    metric: str,
    config: BootstrapConfig | None = None,
) -> Interval | None:
    """How much better a is than b on these rows, with the cheapest sound interval: DeLong's for
    the AUC, that of a mean difference for the log loss, else the paired bootstrap's. None where
    the metric means nothing.

    Logits are [n], or [seeds, n] for the mean over the seeds of a model.
    """
    config = config or BootstrapConfig()
    chosen = METRICS[metric]
    if math.isnan(chosen.value(labels, np.atleast_2d(logits_a)[0])):
        return None
    few = min(np.count_nonzero(labels), np.count_nonzero(labels == 0)) < 2
    if metric == "auc" and not few:
        return delong(labels, logits_a, logits_b, config.level).difference
    if metric == "logloss" and len(labels) > 1:
        of_a, of_b = (row_losses(labels, np.atleast_2d(x)).mean(0) for x in (logits_a, logits_b))
        return mean_interval(of_b - of_a, config.level)
    return paired_bootstrap(labels, logits_a, logits_b, chosen, config)
