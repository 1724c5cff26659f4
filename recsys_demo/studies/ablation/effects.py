"""What flipping a switch does to a metric on a slice, over seeds, and whether that is clear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import stdtrit  # quantiles of Student's t, without the cost of scipy.stats

from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.studies.ablation.grid import BASE, Cell
from recsys_demo.studies.ablation.outcomes import Outcomes

CONFIDENCE = 0.95
FEWEST_SEEDS = 3
RULE = (
    "Clear means: over at least 3 seeds, the 95 % interval of the mean difference (Student's t, "
    "both models with the same seeds) leaves out zero. It is about the luck of training, on these "
    "test rows; of 20 switches that do nothing, 1 will look clear."
)

Verdict = Literal["better", "worse", "unclear"]


@dataclass(frozen=True)
class Spread:
    """The mean of one number over seeds, and how far its true mean may lie from it.

    `half` is half the width of the 95 % interval of the mean, infinite with one seed.
    """

    mean: float
    half: float
    sd: float
    seeds: int

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.mean + self.half

    @property
    def clear(self) -> bool:
        """Whether the mean is not zero, by the rule."""
        return self.seeds >= FEWEST_SEEDS and not self.low <= 0 <= self.high


def spread(values: Sequence[float]) -> Spread:
    """Mean and 95 % interval, t(n - 1) s / sqrt(n), of the values that are numbers."""
    numbers = [value for value in values if not math.isnan(value)]
    n = len(numbers)
    if n == 0:
        return Spread(math.nan, math.inf, math.nan, 0)
    mean = math.fsum(numbers) / n
    if n == 1:
        return Spread(mean, math.inf, math.nan, 1)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in numbers) / (n - 1))
    quantile = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2))
    return Spread(mean, quantile * sd / math.sqrt(n), sd, n)


@dataclass(frozen=True)
class Effect:
    """A model against another on one slice: `difference` is model - other, seed by seed."""

    cell: str
    label: str
    slice: str
    metric: str
    base: Spread
    changed: Spread
    difference: Spread
    differences: tuple[float, ...]
    seeds: tuple[int, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether the flip helps, hurts, or cannot be told from the luck of the seeds."""
        return judged(self.difference, self.metric)


def judged(difference: Spread, metric: str) -> Verdict:
    """What a difference of this metric means, by the rule."""
    if not difference.clear:
        return "unclear"
    return "better" if (difference.mean > 0) == METRICS[metric].bigger_is_better else "worse"


def compare(
    outcomes: Outcomes,
    cell: str,
    other: str,
    slice_: str,
    metric: str = "auc",
    label: str = "",
    part: str = "test",
) -> Effect:
    """One model against another, over the seeds that both have."""
    pairs = outcomes.pairs(cell, other)
    values = [(a.value(slice_, metric, part), b.value(slice_, metric, part)) for a, b in pairs]
    differences = tuple(a - b for a, b in values)
    return Effect(
        cell=cell,
        label=label or cell,
        slice=slice_,
        metric=metric,
        base=spread([b for _, b in values]),
        changed=spread([a for a, _ in values]),
        difference=spread(differences),
        differences=differences,
        seeds=tuple(a.seed for a, _ in pairs),
    )


def effects(
    outcomes: Outcomes, cells: Sequence[Cell], slice_: str, metric: str = "auc", base: str = BASE
) -> list[Effect]:
    """Every model against the base on one slice, the largest difference first; models without a
    finished seed are left out."""
    found = [
        compare(outcomes, cell.key, base, slice_, metric, cell.label)
        for cell in cells
        if cell.key != base
    ]
    there = [effect for effect in found if effect.difference.seeds]
    return sorted(there, key=lambda effect: -abs(effect.difference.mean))
