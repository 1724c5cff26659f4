"""Which of some trainings overfitted: how much of their AUC holds for rows not trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import ndtri

from recsys_demo.evaluation.intervals import LEVEL
from recsys_demo.evaluation.reports import SliceReport
from recsys_demo.evaluation.verdicts import NOT_FOUND

LEAST_GAP = 0.01  # of AUC: less is not worth a sentence
FEWEST = 10  # rows of either label


@dataclass(frozen=True)
class Learned:
    """One run: its model's name, and its metrics on the rows it was trained on and on test rows."""

    model: str
    train: SliceReport
    test: SliceReport

    @property
    def gap(self) -> float:
        """How much higher the AUC is on the rows it was trained on."""
        return self.train.values["auc"] - self.test.values["auc"]


def sentence(runs: Sequence[Learned]) -> str:
    """Which model overfits most in these runs; of several runs of a model the mean counts."""
    measured = [run for run in runs if math.isfinite(run.gap) and _has_enough(run.test)]
    if not measured:
        return "The test rows are too few to say which model overfits."
    of_model: dict[str, list[Learned]] = {}
    for run in measured:
        of_model.setdefault(run.model, []).append(run)
    model, own = max(of_model.items(), key=lambda one: _mean([run.gap for run in one[1]]))
    gap = _mean([run.gap for run in own])
    # The largest gap of several is looked at, so each has to be large enough for all of them.
    luck = ndtri(1 - (1 - LEVEL) / 2 / len(of_model)) * max(gap_error(run) for run in own)
    if gap < max(LEAST_GAP, luck):
        return _nobody(f"{model} is" if len(of_model) == 1 else "", gap, luck)
    train, test = (
        _mean([report.values["auc"] for report in reports])
        for reports in ([run.train for run in own], [run.test for run in own])
    )
    most = " most in these runs" if len(of_model) > 1 else ""
    return f"{model} overfits{most}: AUC {train:.3f} on training rows, {test:.3f} on test rows."


def _nobody(only: str, gap: float, luck: float) -> str:
    """That no overfitting is seen, and what is: nothing, the reverse, or less than matters."""
    who = f"{only} not" if only else "No model is"
    if abs(gap) < luck:
        return f"{who} seen to overfit: AUC on training rows and on test rows {NOT_FOUND}."
    if gap < 0:
        return f"{who} seen to overfit: AUC is higher on test rows than on training rows."
    return f"{who} overfitting much: AUC is {gap:.3f} higher on training rows than on test rows."


def gap_error(run: Learned) -> float:
    """Standard error of a gap: other rows could have been drawn for either part."""
    return math.hypot(auc_error(run.train), auc_error(run.test))


def auc_error(report: SliceReport) -> float:
    """Standard error of an AUC (Hanley and McNeil 1982)."""
    auc, positives = report.values["auc"], report.positives
    negatives = report.rows - positives
    twice = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = (
        auc * (1 - auc)
        + (positives - 1) * (twice[0] - auc * auc)
        + (negatives - 1) * (twice[1] - auc * auc)
    )
    return math.sqrt(max(0.0, spread) / (positives * negatives))


def _has_enough(report: SliceReport) -> bool:
    return min(report.positives, report.rows - report.positives) >= FEWEST


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
