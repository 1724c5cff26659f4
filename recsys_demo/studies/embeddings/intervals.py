"""Means with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
LEVEL = 0.95
BLOCK = 100  # resamples held in memory at once


@dataclass(frozen=True)
class Interval:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def bootstrap_mean(values: npt.ArrayLike, seed: int, resamples: int = RESAMPLES) -> Interval:
    """Mean of one number per point and its percentile interval over points drawn anew
    (Efron 1979). NaN for no points."""
    array = np.asarray(values, dtype=np.float64)
    if not len(array):
        return Interval(np.nan, np.nan, np.nan)
    random = np.random.default_rng(seed)
    means = np.concatenate(
        [
            array[random.integers(0, len(array), (min(BLOCK, resamples - at), len(array)))].mean(1)
            for at in range(0, resamples, BLOCK)
        ]
    )
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(array.mean()), float(low), float(high))
