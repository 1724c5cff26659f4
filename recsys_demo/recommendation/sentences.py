"""An explanation in a sentence or two, made of its numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_demo.config.component_kinds import BIAS, KINDS
from recsys_demo.recommendation.components.base import Term
from recsys_demo.recommendation.components.field_shares import AVERAGE
from recsys_demo.recommendation.explanation import Explanation
from recsys_demo.recommendation.knowledge import Knowledge, PairSupport
from recsys_demo.recommendation.recommender import Recommender

NEAR_SHARE = 0.1


@dataclass(frozen=True)
class Nearness:
    """How many of a person's items have another one among the closest tenth of the catalogue, by
    cosine of the item field's vectors. By chance a tenth of them would."""

    near: int
    of: int

    def __str__(self) -> str:
        by_chance = f"{self.of * NEAR_SHARE:.1f}".removesuffix(".0")
        near = f"{self.near:,}" if self.near else "None"
        return (
            f"{near} of this person's {self.of:,} items have this one among their closest "
            f"{NEAR_SHARE:.0%} (by chance: {by_chance})."
        )


def nearness(recommender: Recommender, history: np.ndarray, at: int) -> Nearness | None:
    """How near an item lies to a person's (positions `history`); None without vectors or items."""
    unit = recommender.item_directions
    own = history[history != at]
    if unit is None or not len(own) or not unit[at].any():
        return None
    cosines = unit @ unit[own].T
    closer = (cosines > cosines[at]).sum(0) - 1  # an item is nearest to itself
    return Nearness(int((closer < NEAR_SHARE * len(unit)).sum()), len(own))


def why(explanation: Explanation, model: str, base_rate: float) -> str:
    """What this model says, and through which terms most of all."""
    p = explanation.probability
    side = "above" if p > base_rate else "below"
    moved = [t for t in explanation.terms if t.part != BIAS and t.name != AVERAGE and t.value]
    toward = sorted(moved, key=lambda t: -t.value if p > base_rate else t.value)
    against = sorted(moved, key=lambda t: t.value if p > base_rate else -t.value)
    sentence = f"{model} says {p:.0%}, {side} the base rate of {base_rate:.0%}"
    first = [t for t in toward[:2] if (t.value > 0) == (p > base_rate)]
    if first:
        sentence += ", mostly through " + " and ".join(_term_text(t) for t in first)
    counter = [t for t in against[:1] if (t.value > 0) != (p > base_rate)]
    if counter:
        sentence += f"; pulling the other way: {_term_text(counter[0])}"
    return sentence + "."


def known_of_pair(
    recommender: Recommender, knowledge: Knowledge, support: PairSupport, at: int
) -> str | None:
    """What the training rows know of the item together with this person; None where a person has
    nothing to pair it with."""
    if not support.values or knowledge.pair is None:
        return None
    rows, taken = int(support.rows[at]), int(support.taken[at])
    name, shown = recommender.names[at], int(knowledge.shown_rows[at])
    if not rows:
        return (
            f"No training row shows {name} together with any {knowledge.pair} of theirs; "
            f"{shown:,} rows show it to others."
        )
    value = recommender.readable(knowledge.pair, support.values[int(support.which[at])])
    return (
        f"{name} was shown together with {knowledge.pair} = {value} in {rows:,} training rows and "
        f"taken in {taken:,} of them ({taken / rows:.0%})."
    )


def _term_text(term: Term) -> str:
    seen = "" if term.support is None else f", seen {term.support:,} times"
    spoken = "" if term.part == BIAS else KINDS[term.part].spoken
    value = f"{term.value:+.2f}".replace("-", "\N{MINUS SIGN}")
    return f"{spoken}{term.name} ({value}{seen})"
