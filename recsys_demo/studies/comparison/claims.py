"""What the papers say of models, and whether it comes out here: computed, never assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from recsys_demo.config.presets import PRESETS
from recsys_demo.evaluation.metrics import Labels
from recsys_demo.evaluation.papers import (
    BARS_RESULTS,
    DEEPFM_RESULTS,
    OFFLINE,
    WD_ONLINE,
    PaperTable,
)
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import MARGIN, NOT_FOUND, NOT_YET, Verdict
from recsys_demo.studies.comparison.measures import compare
from recsys_demo.studies.comparison.models import Contender

Outcome = Literal[
    "not so here",
    "could not be told apart here",
    "cannot be said yet",
    "holds here",
    "not trained here",
]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Claim:
    """A paper's statement on two presets over all rows: `better` beats `worse` in AUC, or with
    `alike` that they do as well, which here means that they are shown to differ by less than
    `MARGIN`."""

    better: str
    worse: str
    numbers: str
    source: str
    alike: bool = False

    @property
    def text(self) -> str:
        """In words."""
        names = PRESETS[self.better].label, PRESETS[self.worse].label
        told = (
            "{} and {} differ by no more than seeds do"
            if self.alike
            else "{} has a higher AUC than {}"
        )
        return told.format(*names)


def claims() -> tuple[Claim, ...]:
    """What the tables say of pairs of our presets."""
    found = [
        Claim(a, b, _numbers(WD_ONLINE, a, b, OFFLINE), "W&D, Table 1")
        for a, b in (("wide_deep", "wide"), ("wide_deep", "deep"), ("wide", "deep"))
    ]
    for other in ("lr", "fm", "wide_deep_plain", "fm_dnn"):
        both = [
            _numbers(DEEPFM_RESULTS, "deepfm", other, column)
            for column in ("Company* AUC", "Criteo AUC")
        ]
        found.append(Claim("deepfm", other, " and ".join(both), "DeepFM, Table 2"))
    for a, b in (("deep", "deepfm"), ("deep", "wide_deep_plain"), ("wide_deep_plain", "deepfm")):
        numbers = _numbers(BARS_RESULTS, a, b, "Frappe_x1 AUC, mean")
        found.append(Claim(a, b, numbers, "BARS", alike=True))
    return tuple(found)


def _numbers(table: PaperTable, a: str, b: str, column: str) -> str:
    return f"{table.printed(a, column)} against {table.printed(b, column)}"


@dataclass(frozen=True)
class ClaimCheck:
    """A claim and what came out on the data shown."""

    claim: Claim
    outcome: Outcome
    here: str


def check(models: Sequence[Contender], labels: Labels, all_rows: Slice) -> list[ClaimCheck]:
    """Every claim against the models that are there (the first of each preset), what does not
    reproduce first."""
    by_model = {model.model: model for model in reversed(models)}
    found = [_checked(claim, by_model, labels, all_rows) for claim in claims()]
    return sorted(found, key=lambda one: OUTCOMES.index(one.outcome))


def _checked(
    claim: Claim, by_model: Mapping[str, Contender], labels: Labels, all_rows: Slice
) -> ClaimCheck:
    missing = [PRESETS[key].label for key in (claim.better, claim.worse) if key not in by_model]
    if missing:
        return ClaimCheck(claim, "not trained here", f"train {' and '.join(missing)}")
    a, b = by_model[claim.better], by_model[claim.worse]
    said = compare(a, b, labels, all_rows, "auc")
    return ClaimCheck(claim, _outcome(claim, said, a.name), said.sentence)


def _outcome(claim: Claim, said: Verdict, better: str) -> Outcome:
    if claim.alike and said.evidence is not None and said.evidence.is_equivalent(MARGIN):
        return "holds here"
    if said.finding == NOT_YET:
        return "cannot be said yet"
    if said.finding == NOT_FOUND:
        return "could not be told apart here"
    return "holds here" if said.winner == better and not claim.alike else "not so here"


def claim_frame(checked: Sequence[ClaimCheck]) -> pd.DataFrame:
    """One row per claim."""
    return pd.DataFrame(
        [
            {
                "the paper says": one.claim.text,
                "its numbers": one.claim.numbers,
                "source": one.claim.source,
                "on this data": one.outcome,
                "in words": one.here,
            }
            for one in checked
        ]
    )


def missing_presets(checked: Sequence[ClaimCheck]) -> list[str]:
    """Presets that claims are about and nobody has trained here."""
    untold = [one.claim for one in checked if one.outcome == "not trained here"]
    told = [one.claim for one in checked if one.outcome != "not trained here"]
    there = {key for claim in told for key in (claim.better, claim.worse)}
    wanted = dict.fromkeys(key for claim in untold for key in (claim.better, claim.worse))
    return [key for key in wanted if key not in there]
