"""DeLong's theory of the AUC (DeLong, DeLong and Clarke-Pearson 1988)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import rankdata

from recsys_demo.evaluation.intervals import Interval, normal_quantile, symmetric_interval, wilson
from recsys_demo.evaluation.metrics import Floats, Labels, Logits


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
            return Interval(value, float(low[0]), float(high[0]), level, "Wilson", smaller)
        error = math.sqrt(_variance(self.positive, self.negative))
        middle = math.log(value / (1 - value))
        half = normal_quantile(level) * error / (value * (1 - value))
        low_end, high_end = float(expit(middle - half)), float(expit(middle + half))
        return Interval(value, low_end, high_end, level, "DeLong", smaller)

    def against(self, other: Placements, level: float = 0.95) -> Interval:
        """DeLong's interval of this AUC less another's on the same rows. Raises ValueError with
        fewer than two rows of a class."""
        rarer = min(len(self.positive), len(self.negative))
        if rarer < 2:
            raise ValueError("DeLong's test needs at least two rows of each class")
        error = math.sqrt(_variance(self.positive - other.positive, self.negative - other.negative))
        half = normal_quantile(level) * error
        return symmetric_interval(self.auc - other.auc, half, level, "DeLong", rarer)


def mean_placements(models: Sequence[Placements]) -> Placements:
    """What DeLong's theory needs of the mean of several models' AUCs on the same rows: placements
    add up. Seeds are averaged in their order, as many as every model has."""
    return Placements(
        np.mean([model.positive for model in models], axis=0),
        np.mean([model.negative for model in models], axis=0),
        tuple(
            float(np.mean(of_one)) for of_one in zip(*(m.of_seeds for m in models), strict=False)
        ),
    )


def placements(labels: Labels, logits: Logits) -> Placements:
    """Of logits [n], or [seeds, n], on rows of both classes (midranks as in Sun and Xu 2014)."""
    of_seeds = [_placements(labels, seed) for seed in np.atleast_2d(logits)]
    positive, negative = (np.mean(part, axis=0) for part in zip(*of_seeds, strict=True))
    return Placements(positive, negative, tuple(float(beats.mean()) for beats, _ in of_seeds))


def auc_interval(labels: Labels, logits: Logits, level: float = 0.95) -> Interval:
    """AUC with DeLong's interval (`Placements.interval`). Logits are [n], or [seeds, n] for the
    mean AUC over the seeds of a model."""
    return placements(labels, logits).interval(level)


def auc_difference(
    labels: Labels, logits_a: Logits, logits_b: Logits, level: float = 0.95
) -> Interval:
    """How much higher the first of two AUCs on the same rows is (`Placements.against`). Logits are
    [n], or [seeds, n] for the mean AUC over the seeds of a model: placements add up."""
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
