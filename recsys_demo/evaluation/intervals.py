"""A value and where it could be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from recsys_demo.evaluation.metrics import Floats


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


def mean_interval(values: Floats, level: float = 0.95) -> Interval:
    """A mean over rows with its normal interval, from at least two values [n]."""
    mean = float(values.mean())
    half = z_of(level) * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half, level, "normal")


def z_of(level: float) -> float:
    """Half the width of a normal interval of this level, in standard errors."""
    return float(ndtri((1 + level) / 2))
