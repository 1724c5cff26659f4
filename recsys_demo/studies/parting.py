"""Where the models part over one item, and through what, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from recsys_demo.config.component_kinds import Share
from recsys_demo.recommendation.answer import Answer, Reason
from recsys_demo.recommendation.components.base import Term
from recsys_demo.recommendation.components.field_shares import AVERAGE
from recsys_demo.recommendation.recommender import OUT
from recsys_demo.recommendation.shares import ScoreShares, score_shares

APART = 2  # times as far down a list: nearer than that the models agree


def shares_of(answer: Answer) -> list[ScoreShares]:
    """The score of the item looked at by each model, in the rows all models share."""
    return [
        score_shares(
            reason.explanation,
            tuple(reason.model.recommender.explains),
            reason.model.recommender.schema,
        )
        for reason in answer.reasons
    ]


def parting(answer: Answer) -> str:
    """`Deep puts First Flight at place 51, Wide at 149: Wide remembers Penguin Post × First Flight,
    193 rows, which takes 2.83 off its logit.` It is about these trainings; names stand as they are
    in the data."""
    name, k = answer.item_name, answer.wanted.k
    listed = sorted((r for r in answer.reasons if r.place != OUT), key=lambda r: r.place)
    if not listed:
        return f"This person has {name} already, so no list holds it."
    shares = {
        reason.model.key: found
        for reason, found in zip(answer.reasons, shares_of(answer), strict=True)
    }
    best, worst = listed[0], listed[-1]
    if len(listed) == 1:
        cause = _cause([best], shares)
        return f"{best.model.name} puts {name} at place {best.place:,}{cause}"
    if worst.place <= max(k, APART * best.place):
        every = "Both" if len(listed) == 2 else f"All {len(listed)}"
        return f"{every} models agree on {name}: {_places(best.place, worst.place)}."
    return (
        f"{best.model.name} puts {name} at place {best.place:,}, {worst.model.name} at "
        f"{worst.place:,}{_cause([best, worst], shares)}"
    )


def _places(best: int, worst: int) -> str:
    return f"place {best:,}" if best == worst else f"places {best:,} to {worst:,}"


def _cause(reasons: Sequence[Reason], shares: dict[str, ScoreShares]) -> str:
    """The term that moves the one model's score most, or that puts the first above the second by
    most; nothing where no term does."""
    ours, *theirs = (_terms(shares[reason.model.key]) for reason in reasons)
    other = theirs[0] if theirs else {}
    gaps = {
        key: _value(ours.get(key)) - _value(other.get(key)) for key in ours.keys() | other.keys()
    }
    if not theirs:
        gaps = {key: abs(gap) for key, gap in gaps.items()}
    # Of equal ones always the same.
    key = max(sorted(gaps), key=lambda key: gaps[key], default=None)
    if key is None or gaps[key] <= 0:
        return "."
    is_ours = abs(_value(ours.get(key))) >= abs(_value(other.get(key)))
    term = (ours if is_ours else other)[key]
    return f": {_told(key[0], reasons[0 if is_ours else 1].model.name, term)}."


def _terms(found: ScoreShares) -> dict[tuple[Share, str], Term]:
    """The terms by share and name, but for the average, which is about no field."""
    return {
        (share, term.name): term
        for share, terms in found.terms.items()
        for term in terms
        if term.name != AVERAGE
    }


def _value(term: Term | None) -> float:
    return 0.0 if term is None else term.value


def _told(share: Share, model: str, term: Term) -> str:
    verb = {"memory": "remembers", "vectors": "reads", "trees": "reads"}.get(share, "counts")
    effect = "adds {} to" if term.value > 0 else "takes {} off"
    return f"{model} {verb} {term.brief}, which {effect.format(f'{abs(term.value):.2f}')} its logit"
