"""What flipping a switch does to a metric on a slice, over seeds, and what can be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recsys_demo.evaluation.intervals import Interval, seed_interval, unknown_interval
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.number_text import signed_number, true_minus
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET, RULE, Evidence, Finding, evidence
from recsys_demo.studies.ablation.grid import BASE, Cell
from recsys_demo.studies.ablation.outcomes import Outcomes

MANY = f"{RULE} Of 20 switches that do nothing, one may still look better or worse."


@dataclass(frozen=True)
class Effect:
    """A model against another on one slice: `difference` is model - other, with the interval that
    is known of it so far; `differences` are those of each seed. `evidence` is on the scale of gains
    (above 0: the model is better), None where the metric means nothing."""

    cell: str
    other: str
    label: str
    slice: str
    metric: str
    base: Interval
    changed: Interval
    difference: Interval
    differences: tuple[float, ...]
    seeds: tuple[int, ...]
    evidence: Evidence | None

    @property
    def verdict(self) -> Finding:
        """What can be said of the model against the other, by the lab's rule."""
        return NOT_YET if self.evidence is None else self.evidence.finding


def compare(
    outcomes: Outcomes,
    cell: str,
    other: str,
    slice_: str,
    metric: str = "auc",
    label: str = "",
    part: str = "test",
    comparisons: int = 1,
) -> Effect:
    """One model against another, over the seeds that both have; `comparisons` is how many
    differences one sentence judges."""
    pairs = outcomes.pairs(cell, other)
    values = [(a.value(slice_, metric, part), b.value(slice_, metric, part)) for a, b in pairs]
    ours, theirs = [a for a, _ in values], [b for _, b in values]
    rows = outcomes.row_difference(pairs, slice_, metric, part) if pairs else None
    found = evidence(ours, theirs, metric, rows, comparisons)
    return Effect(
        cell=cell,
        other=other,
        label=label or cell,
        slice=slice_,
        metric=metric,
        base=seed_interval(theirs),
        changed=seed_interval(ours),
        difference=_difference(found, metric),
        differences=tuple(a - b for a, b in values),
        seeds=tuple(a.seed for a, _ in pairs),
        evidence=found,
    )


def _difference(found: Evidence | None, metric: str) -> Interval:
    """In the metric's own units."""
    if found is None:
        return unknown_interval()
    return found.so_far if METRICS[metric].bigger_is_better else -found.so_far


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
    there = [effect for effect in found if effect.evidence is not None]
    return sorted(there, key=lambda effect: -abs(effect.difference.value))


def with_spread(number: Interval, digits: int = 4, sign: str = "") -> str:
    """A number with the ± of its interval, where that is known."""
    text = true_minus(f"{number.value:{sign}.{digits}f}")
    return f"{text} ± {number.half_width:.{digits}f}" if number.is_known else text


def signed(effect: Effect, digits: int = 4) -> str:
    """A difference with its interval, and the words for what was not found or is not known yet."""
    if effect.verdict == NOT_YET:
        return f"{signed_number(effect.difference.value, digits)} ({NOT_YET})"
    text = with_spread(effect.difference, digits, "+")
    return f"{text} ({NOT_FOUND})" if effect.verdict == NOT_FOUND else text
