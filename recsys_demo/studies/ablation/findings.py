"""What an ablation has found, in one short sentence: its largest difference that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from recsys_demo.config.component_kinds import KINDS
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.number_text import signed_number
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation.effects import Effect
from recsys_demo.studies.ablation.outcomes import METRIC_NAMES
from recsys_demo.studies.ablation.shapley import Shares

if TYPE_CHECKING:  # it takes logits apart with torch, which this sentence does without
    from recsys_demo.studies.ablation.dials import SliceChange

COUNTS = ("better", "worse")


def retrained_finding(
    effects: Sequence[Effect],
    names: Mapping[str, str],
    slices: Mapping[str, str],
    metric: str = "auc",
) -> str:
    """Of models trained with and without a part. `names` are those of the models, `slices` those of
    the rows."""
    counted = [effect for effect in effects if effect.verdict in COUNTS and effect.metric == metric]
    if counted:
        most = max(counted, key=lambda effect: abs(effect.difference.value))
        return (
            f"{names[most.cell]}: {METRIC_NAMES[metric]} {signed_number(most.difference.value)} on "
            f"{slices.get(most.slice, most.slice)}, against {names[most.other]}."
        )
    if not effects:
        return f"Which model is better {NOT_YET}."
    pair = f"{names[effects[0].cell]} and {names[effects[0].other]}"
    if any(effect.verdict == NOT_YET for effect in effects):
        return f"{pair}: which is better {NOT_YET}."
    return f"{pair} {NOT_FOUND}."


def shares_finding(found: Shares, rows: str) -> str:
    """Which component has the largest share on these rows; of two whose intervals overlap, or are
    not known yet, neither is called the larger."""
    sign = 1 if METRICS[found.metric].bigger_is_better else -1
    ordered = sorted(found.shares.items(), key=lambda item: -sign * item[1].value)
    (first, most), *others = [(KINDS[kind].long, share) for kind, share in ordered]
    on = f"{METRIC_NAMES[found.metric]} on {rows}"
    if others and not _is_apart(most, others[0][1]):
        return f"Which adds more to {on}, {first} or {others[0][0]}, {NOT_YET}."
    whole = signed_number(found.total.value)
    return f"Of {whole} in {on}, {first} adds most: {signed_number(most.value)}."


def _is_apart(one: Interval, other: Interval) -> bool:
    """Whether these intervals are known and have nothing in common."""
    return one.low > other.high or one.high < other.low


def off_finding(parts: str, changes: Sequence[SliceChange], metric: str) -> str:
    """Of parts of one trained model that were switched off or dialled. `parts` says which, `metric`
    what is measured."""
    counted = [one for one in changes if one.verdict in COUNTS]
    if counted:
        most = max(counted, key=lambda one: abs(one.after - one.before))
        return f"{parts}, {metric} on {most.label} goes from {most.before:.3f} to {most.after:.3f}."
    if all(one.verdict == NOT_FOUND for one in changes):
        return f"{parts}, {metric} before and after {NOT_FOUND}."
    return f"{parts}, whether {metric} changes {NOT_YET}."
