"""What an ablation has found, in one short sentence: its largest difference that counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from recsys_demo.evaluation.number_text import signed_number
from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.ablation.effects import Effect

if TYPE_CHECKING:  # it takes logits apart with torch, which this sentence does without
    from recsys_demo.studies.ablation.dials import SliceChange

COUNTS = ("better", "worse")


def retrained_finding(
    effects: Sequence[Effect], names: Mapping[str, str], slices: Mapping[str, str]
) -> str:
    """Of models trained with and without a part. `names` are those of the models, `slices` those of
    the rows."""
    counted = [effect for effect in effects if effect.verdict in COUNTS and effect.metric == "auc"]
    if counted:
        most = max(counted, key=lambda effect: abs(effect.difference.value))
        return (
            f"{names[most.cell]}: AUC {signed_number(most.difference.value)} on "
            f"{slices.get(most.slice, most.slice)}, against {names[most.other]}."
        )
    first = effects[0]
    pair = f"{names[first.cell]} against {names[first.other]}"
    if any(effect.verdict == NOT_YET for effect in effects):
        return f"{pair}: which is better {NOT_YET}."
    return f"{pair}: no difference beyond noise was found."


def off_finding(parts: str, changes: Sequence[SliceChange], metric: str) -> str:
    """Of parts of one trained model that were switched off or dialled. `parts` says which, `metric`
    what is measured."""
    counted = [one for one in changes if one.verdict in COUNTS]
    if counted:
        most = max(counted, key=lambda one: abs(one.after - one.before))
        return f"{parts}, {metric} on {most.label} goes from {most.before:.3f} to {most.after:.3f}."
    if all(one.verdict == NOT_FOUND for one in changes):
        return f"{parts}, no change of {metric} beyond noise was found."
    return f"{parts}, whether {metric} changes {NOT_YET}."
