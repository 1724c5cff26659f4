"""Which of some trainings overfitted: how much of their AUC holds for rows not trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recsys_demo.evaluation.reports import SliceReport

LEAST_GAP = 0.01  # of AUC: less is not worth a sentence
NORMAL = 1.96
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
    if gap < max(LEAST_GAP, NORMAL * max(auc_error(run.test) for run in own)):
        who = "No model overfits" if len(of_model) > 1 else f"{model} does not overfit"
        return f"{who}: AUC is as high on test rows as on training rows, within noise."
    train, test = (
        _mean([report.values["auc"] for report in reports])
        for reports in ([run.train for run in own], [run.test for run in own])
    )
    most = " most in these runs" if len(of_model) > 1 else ""
    return f"{model} overfits{most}: AUC {train:.3f} on training rows, {test:.3f} on test rows."


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
