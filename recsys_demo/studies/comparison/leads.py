"""Who leads where, in the one sentence that a comparison begins with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from recsys_demo.evaluation.leads import Lead
from recsys_demo.evaluation.verdicts import MARGIN, NOT_FOUND, NOT_YET

HIGHEST = " is highest on "


def leads_sentence(leads: Mapping[str, Lead | None], names: Mapping[str, str]) -> str:
    """`Wide is best on planted exceptions, Deep is highest on pairs never seen, where it could not
    be told apart from DeepFM.` By slice the lead there, None where nobody has a value."""
    clauses = [_clause(where, lead, names) for where, lead in leads.items()]
    told = clauses[0]
    for before, clause in pairwise(clauses):
        # Not "is highest" twice, where both are.
        again = HIGHEST in before and NOT_FOUND not in before
        told += f", {clause.replace(HIGHEST, ' on ', 1) if again else clause}"
    if any(lead is not None and lead.unsaid for lead in leads.values()):
        told += f"; which model is best {NOT_YET}"
    return f"{told[0].upper()}{told[1:]}."


def _clause(where: str, lead: Lead | None, names: Mapping[str, str]) -> str:
    if lead is None:
        return f"on {where} the AUC has no value"
    best = names[lead.best]
    if lead.winner is not None:
        return f"{best} is best on {where}"
    if lead.unsaid:
        return f"{best}{HIGHEST}{where}"
    *most, last = (names[key] for key in lead.apart_from)
    others = f"{', '.join(most)} or {last}" if most else last
    return f"{best}{HIGHEST}{where}, where it {NOT_FOUND} from {others}"


def highest_sentence(means: Mapping[str, Mapping[str, float]], seeds: int) -> str:
    """`After one training each, Wide is highest on planted exceptions, Deep and DeepFM on pairs
    never seen.` By slice the mean AUC of each model, NaN where it has none. Means alone prove
    nothing: models within `MARGIN` of the highest are named together."""
    told: dict[tuple[str, ...], list[str]] = {}
    for where, of_models in means.items():
        known = {name: value for name, value in of_models.items() if math.isfinite(value)}
        if len(known) > 1:
            told.setdefault(_highest(known), []).append(where)
    if not told:
        return "The models are trained."
    verbs = [" is highest" if len(next(iter(told))) == 1 else " are highest"]
    verbs += [""] * (len(told) - 1)
    said = ", ".join(
        f"{_joined(who)}{verb} on {' and on '.join(places)}"
        for (who, places), verb in zip(told.items(), verbs, strict=True)
    )
    return f"After {'one training' if seeds == 1 else f'{seeds} trainings'} each, {said}."


def _highest(known: Mapping[str, float]) -> tuple[str, ...]:
    top = max(known.values())
    return tuple(name for name, value in known.items() if value >= top - MARGIN)


def _joined(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
