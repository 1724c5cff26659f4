"""The smallest model of a grid that is as good as its best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recsys_demo.evaluation.intervals import seed_interval
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.verdicts import FEWEST_SEEDS, MARGIN, NOT_FOUND
from recsys_demo.studies.ablation.effects import Effect, compare
from recsys_demo.studies.ablation.grid import Cell
from recsys_demo.studies.ablation.outcomes import Outcomes

RULE = (
    "Best: the best mean on the validation rows. As good: shown there to lose less than the margin "
    "(a one-sided test at 95 % for all models at once, Schuirmann 1987). That two models could not "
    "be told apart is less: few seeds tell nothing apart. Smallest: the fewest parameters. The "
    "test rows, which had no say, show what the choice costs."
)


@dataclass(frozen=True)
class Candidate:
    """One model of the grid: its size, its validation metric against the best, its test metric."""

    cell: Cell
    parameters: int
    mean: float
    against_best: Effect
    test: Effect
    as_good: bool


@dataclass(frozen=True)
class Choice:
    """The best model, the smallest as good as it, and all others, smallest first."""

    best: Candidate
    smallest: Candidate
    candidates: tuple[Candidate, ...]

    @property
    def undecided(self) -> tuple[Candidate, ...]:
        """Smaller than the choice, and neither shown to be as good nor told apart from the best."""
        before = self.candidates[: self.candidates.index(self.smallest)]
        return tuple(one for one in before if one.against_best.verdict == NOT_FOUND)


def smallest_as_good(
    outcomes: Outcomes,
    cells: Sequence[Cell],
    slice_: str = "all",
    metric: str = "logloss",
    margin: float = MARGIN,
) -> Choice | None:
    """The choice among the models that have seeds enough; None if there are none. `margin` is what
    a model may lose and still be as good."""
    means = {
        cell.key: seed_interval([o.value(slice_, metric, "valid") for o in outcomes.of(cell.key)])
        for cell in cells
    }
    ready = [cell for cell in cells if means[cell.key].n >= FEWEST_SEEDS]
    if not ready:
        return None
    sign = -1 if METRICS[metric].bigger_is_better else 1
    best = min(ready, key=lambda cell: sign * means[cell.key].value)
    candidates = []
    for cell in ready:
        against = compare(
            outcomes, cell.key, best.key, slice_, metric, cell.label, "valid", len(ready) - 1
        )
        found = against.evidence
        candidates.append(
            Candidate(
                cell=cell,
                parameters=max(outcome.parameters for outcome in outcomes.of(cell.key)),
                mean=means[cell.key].value,
                against_best=against,
                test=compare(outcomes, cell.key, best.key, slice_, metric, cell.label),
                as_good=cell.key == best.key or (found is not None and found.is_no_worse(margin)),
            )
        )
    candidates.sort(key=lambda candidate: (candidate.parameters, sign * candidate.mean))
    return Choice(
        best=next(c for c in candidates if c.cell.key == best.key),
        smallest=next(c for c in candidates if c.as_good),
        candidates=tuple(candidates),
    )
