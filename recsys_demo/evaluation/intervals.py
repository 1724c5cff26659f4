"""A value and where it could be: the lab's one type of interval, and the ways to make one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit  # scipy.stats would take a second to import

from recsys_demo.evaluation.metrics import Floats

LEVEL = 0.95
RESAMPLES = 1000
_AT_ONCE = 100  # resamples held in memory at once


@dataclass(frozen=True)
class Interval:
    """A value and where it could be, at this confidence, by this method.

    `n` is how many were drawn (rows, seeds, queries, points), 0 where that is not said. Ends of
    NaN: where it could be is not known. For differences of an AUC on the same rows `n` counts the
    rows of the rarer label.
    """

    value: float
    low: float
    high: float
    level: float = LEVEL
    method: str = ""
    n: int = 0

    @property
    def half_width(self) -> float:
        """Half of the interval: the number after a ±."""
        return (self.high - self.low) / 2

    @property
    def is_known(self) -> bool:
        """Whether the ends are numbers."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference of zero is outside."""
        return self.low > 0 or self.high < 0

    def __neg__(self) -> Interval:
        """Of the difference the other way round."""
        return Interval(-self.value, -self.high, -self.low, self.level, self.method, self.n)

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"

    def at(self, level: float) -> Interval:
        """The same at another level, as far as its errors are normal."""
        wider = self.widened(normal_quantile(level) / normal_quantile(self.level))
        return replace(wider, level=level)

    def widened(self, times: float) -> Interval:
        """So many times as wide, about the same value."""
        low, high = (self.value + times * (end - self.value) for end in (self.low, self.high))
        return replace(self, low=low, high=high)


def unknown_interval(
    value: float = math.nan, level: float = LEVEL, method: str = "", n: int = 0
) -> Interval:
    """A value of which nobody knows where else it could be."""
    return Interval(value, math.nan, math.nan, level, method, n)


def normal_quantile(level: float) -> float:
    """Half the width of a normal interval of this level, in standard errors."""
    return float(ndtri((1 + level) / 2))


def student_quantile(level: float, freedom: float) -> float:
    """The same of Student's t, which has a whole or broken number of degrees of freedom."""
    return float(stdtrit(freedom, (1 + level) / 2))


def symmetric_interval(
    value: float, half: float, level: float = LEVEL, method: str = "", n: int = 0
) -> Interval:
    """As far below the value as above."""
    return Interval(value, value - half, value + half, level, method, n)


def mean_interval(values: Floats, level: float = LEVEL, method: str = "normal") -> Interval:
    """A mean with its normal interval, over values [n] drawn independently; the interval is
    unknown for fewer than two, the value for none."""
    n = len(values)
    if n < 2:
        return unknown_interval(float(values[0]) if n else math.nan, level, method, n)
    half = normal_quantile(level) * float(values.std(ddof=1)) / math.sqrt(n)
    return symmetric_interval(float(values.mean()), half, level, method, n)


def seed_interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """The mean over seeds with Student's interval, t(n - 1) s / sqrt(n); values of NaN are left
    out. The interval is unknown for one seed, the value for none."""
    known = [value for value in values if not math.isnan(value)]
    n = len(known)
    method = f"Student over {n} seeds"
    if n < 2:
        return unknown_interval(known[0] if n else math.nan, level, method, n)
    mean = math.fsum(known) / n
    error = math.sqrt(math.fsum((value - mean) ** 2 for value in known) / (n - 1) / n)
    return symmetric_interval(mean, student_quantile(level, n - 1) * error, level, method, n)


def seed_difference(a: Sequence[float], b: Sequence[float], level: float = LEVEL) -> Interval:
    """mean(a) - mean(b) over seeds, drawn apart, with Welch's interval (Welch 1947).

    It is unknown with one seed on either side: nobody knows how far that one is from its mean.
    `n` is the smaller number of seeds. Raises ValueError if a side has no value.
    """
    sides = [[value for value in side if not math.isnan(value)] for side in (a, b)]
    if not all(sides):
        raise ValueError("no seed has a value")
    of_a, of_b = (seed_interval(side) for side in sides)
    n, method = min(of_a.n, of_b.n), "Welch over seeds"
    difference = of_a.value - of_b.value
    if n < 2:
        return unknown_interval(difference, level, method, n)
    errors = [float(np.var(side, ddof=1)) / len(side) for side in sides]
    variance = sum(errors)
    weight = sum(error**2 / (len(side) - 1) for error, side in zip(errors, sides, strict=True))
    freedom = variance**2 / weight if weight > 0 else math.inf
    half = student_quantile(level, freedom) * math.sqrt(variance) if variance > 0 else 0.0
    return symmetric_interval(difference, half, level, method, n)


def joined_interval(rows: Interval, seeds: Interval) -> Interval:
    """The interval of a value that two independent kinds of luck move, each with an interval of
    its own about it: on either side the root of the sum of the squares (MOVER, Zou and Donner
    2008). Unknown where one of them is; its `n` is that of the seeds."""
    low = math.hypot(rows.value - rows.low, seeds.value - seeds.low)
    high = math.hypot(rows.high - rows.value, seeds.high - seeds.value)
    method = f"{rows.method} and {seeds.method}"
    return Interval(seeds.value, seeds.value - low, seeds.value + high, rows.level, method, seeds.n)


def bootstrap_mean(values: npt.ArrayLike, seed: int, resamples: int = RESAMPLES) -> Interval:
    """Mean of one number per point and its percentile interval over points drawn anew
    (Efron 1979). NaN for no points."""
    array = np.asarray(values, dtype=np.float64)
    if not len(array):
        return unknown_interval()
    random = np.random.default_rng(seed)
    means = np.concatenate(
        [
            array[random.integers(0, len(array), (min(_AT_ONCE, resamples - at), len(array)))].mean(
                1
            )
            for at in range(0, resamples, _AT_ONCE)
        ]
    )
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    method = f"bootstrap, {resamples:,} draws"
    return Interval(float(array.mean()), float(low), float(high), LEVEL, method, len(array))


def wilson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Score interval of a share (Wilson 1927), element by element; [0, 1] where nothing was tried.

    (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n) with p = successes / trials. It stays
    within [0, 1] and is usable for few trials, where the usual p ± z·se is not.
    """
    k = np.asarray(successes, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    z = normal_quantile(level)
    tried = np.maximum(n, 1)
    p = k / tried
    scale = 1 + z**2 / tried
    middle = (p + z**2 / (2 * tried)) / scale
    half = z * np.sqrt(p * (1 - p) / tried + z**2 / (4 * tried**2)) / scale
    low = np.where(n > 0, np.clip(middle - half, 0, 1), 0.0)
    high = np.where(n > 0, np.clip(middle + half, 0, 1), 1.0)
    # Rounding must not leave the observed share itself outside.
    return np.where(k == 0, 0.0, low), np.where((k == n) & (n > 0), 1.0, high)


def rates(successes: npt.ArrayLike, trials: npt.ArrayLike) -> Floats:
    """successes / trials, NaN where nothing was tried."""
    k = np.asarray(successes, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    nothing = np.full(np.broadcast(k, n).shape, np.nan)
    return np.asarray(np.divide(k, n, out=nothing, where=n > 0), dtype=np.float64)
