"""The smallest model of a grid that cannot be told from its best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.studies.ablation.effects import FEWEST_SEEDS, Effect, compare, judged, spread
from recsys_demo.studies.ablation.grid import Cell
from recsys_demo.studies.ablation.outcomes import Outcomes

RULE = (
    "Best: the best mean on the validation rows. Within its noise: not clearly worse than it "
    "there. Smallest: the fewest parameters. The test rows, which had no say, show what the choice "
    "costs."
)


@dataclass(frozen=True)
class Candidate:
    """One model of the grid: its size, its validation metric against the best, its test metric."""

    cell: Cell
    parameters: int
    mean: float
    against_best: Effect
    test: Effect
    within_noise: bool


@dataclass(frozen=True)
class Choice:
    """The best model, the smallest within its noise, and all others, smallest first."""

    best: Candidate
    smallest: Candidate
    candidates: tuple[Candidate, ...]


def smallest_within_noise(
    outcomes: Outcomes, cells: Sequence[Cell], slice_: str = "all", metric: str = "logloss"
) -> Choice | None:
    """The choice among the models that have at least three seeds; None if there are none."""
    means = {
        cell.key: spread([o.value(slice_, metric, "valid") for o in outcomes.of(cell.key)])
        for cell in cells
    }
    ready = [cell for cell in cells if means[cell.key].seeds >= FEWEST_SEEDS]
    if not ready:
        return None
    sign = -1 if METRICS[metric].bigger_is_better else 1
    best = min(ready, key=lambda cell: sign * means[cell.key].mean)
    candidates = [
        _candidate(outcomes, cell, best, means[cell.key].mean, slice_, metric) for cell in ready
    ]
    candidates.sort(key=lambda candidate: (candidate.parameters, sign * candidate.mean))
    return Choice(
        best=next(c for c in candidates if c.cell.key == best.key),
        smallest=next(c for c in candidates if c.within_noise),
        candidates=tuple(candidates),
    )


def _candidate(
    outcomes: Outcomes, cell: Cell, best: Cell, mean: float, slice_: str, metric: str
) -> Candidate:
    against = compare(outcomes, cell.key, best.key, slice_, metric, cell.label, "valid")
    enough = against.difference.seeds >= FEWEST_SEEDS
    return Candidate(
        cell=cell,
        parameters=max(outcome.parameters for outcome in outcomes.of(cell.key)),
        mean=mean,
        against_best=against,
        test=compare(outcomes, cell.key, best.key, slice_, metric, cell.label),
        within_noise=cell.key == best.key
        or (enough and judged(against.difference, metric) != "worse"),
    )
