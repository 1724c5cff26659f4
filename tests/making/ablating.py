"""Results of ablations made up: what each model scored, seed by seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from recsys_demo.evaluation.intervals import Interval, symmetric_interval
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.studies.ablation.outcomes import Outcome, Outcomes


def outcome(cell: str, seed: int, auc: float, loss: float = 0.5, size: int = 10) -> Outcome:
    values = {part: {"all": {"auc": auc, "logloss": loss}} for part in ("valid", "test")}
    return Outcome(cell, seed, values, size, 0, 1.0, (f"{cell}{seed}",))


def outcomes_of(found: Iterable[Outcome], half: float = 0.001, rarer: int = 500) -> Outcomes:
    """Outcomes whose rows leave every difference this uncertain."""

    def rows(
        pairs: Sequence[tuple[Outcome, Outcome]], slice_: str, metric: str, part: str
    ) -> Interval:
        sign = 1 if METRICS[metric].bigger_is_better else -1
        values = [a.value(slice_, metric, part) - b.value(slice_, metric, part) for a, b in pairs]
        return symmetric_interval(sign * float(np.mean(values)), half, method="DeLong", n=rarer)

    return Outcomes(found, {"all": "all rows"}, rows)


def table(half: float = 0.001, rarer: int = 500, **cells: list[float]) -> Outcomes:
    """Test AUC of each cell, seed by seed."""
    found = [outcome(c, seed, v) for c, values in cells.items() for seed, v in enumerate(values)]
    return outcomes_of(found, half, rarer)
