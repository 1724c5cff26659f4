"""Which of several models is ahead, and against whom that counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recsys_demo.evaluation.intervals import LEVEL, Interval, seed_interval
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET, evidence


@dataclass(frozen=True)
class Lead:
    """The model with the best mean, those it could not be told apart from, and those of which it
    cannot be said yet."""

    best: str
    apart_from: tuple[str, ...]
    unsaid: tuple[str, ...]

    @property
    def winner(self) -> str | None:
        """The best one if it is better than every other model."""
        return None if self.apart_from or self.unsaid else self.best


def leader(values: Mapping[str, Sequence[float]], metric: str) -> str | None:
    """Whose mean over seeds is best, clearly or not; None where nobody has a value."""
    shortfall = METRICS[metric].shortfall
    means = {
        name: seed_interval([shortfall(value) for value in of_seeds]).value
        for name, of_seeds in values.items()
    }
    known = {name: mean for name, mean in means.items() if not math.isnan(mean)}
    return min(known, key=lambda name: known[name]) if known else None


def lead(
    values: Mapping[str, Sequence[float]],
    metric: str,
    rows: Mapping[str, Interval] | None = None,
    level: float = LEVEL,
) -> Lead | None:
    """Who has the best mean, and against whom that counts; None with fewer than two models that
    have a value.

    values: the metric per seed by model. rows: the paired difference in favour of the `leader`
    against each other model. All differences are judged at once.
    """
    best = leader(values, metric)
    if best is None:
        return None
    others = {
        name: found
        for name in values
        if name != best
        and (
            found := evidence(
                values[best], values[name], metric, (rows or {}).get(name), len(values) - 1, level
            )
        )
    }
    if not others:
        return None
    said = {name: found.finding for name, found in others.items()}
    return Lead(
        best,
        tuple(name for name, finding in said.items() if finding == NOT_FOUND),
        tuple(name for name, finding in said.items() if finding == NOT_YET),
    )
