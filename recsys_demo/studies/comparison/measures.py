"""A metric of each model on each slice: over its seeds, with what it could be by chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_demo.evaluation.bootstrap import interval_of, row_difference
from recsys_demo.evaluation.delong import Placements, mean_placements, placements
from recsys_demo.evaluation.intervals import (
    LEVEL,
    Interval,
    joined_interval,
    seed_interval,
    unknown_interval,
)
from recsys_demo.evaluation.leads import Lead, lead, leader
from recsys_demo.evaluation.metrics import METRICS, Floats, Labels
from recsys_demo.evaluation.slices import Slice
from recsys_demo.evaluation.verdicts import Evidence, Verdict, evidence, verdict
from recsys_demo.studies.comparison.models import Contender

# Metrics whose chance over rows is known in closed form. For the others it would take minutes of
# bootstrap: of them only the spread over seeds is told, and no model is called the best.
OVER_ROWS = ("auc", "logloss")


@dataclass(frozen=True)
class Estimate:
    """A metric's mean over seeds. `interval` joins two kinds of luck: that of the rows (another
    sample of visitors) and, with several seeds, that of the training (Student's interval of the
    mean). With one seed it is about that one training; for a metric not in `OVER_ROWS` it is over
    seeds alone, unknown for one."""

    of_seeds: tuple[float, ...]
    interval: Interval

    @property
    def value(self) -> float:
        """Mean over the seeds."""
        return self.interval.value

    @property
    def sd(self) -> float:
        """Standard deviation over seeds, NaN for one."""
        return float(np.std(self.of_seeds, ddof=1)) if len(self.of_seeds) > 1 else math.nan


@dataclass(frozen=True, eq=False)
class SliceScores:
    """A model on the rows of a slice: labels [rows], logits [seeds, rows], and for the AUC what
    its intervals are made of, so that rows are sorted once however many models are compared."""

    labels: Labels
    logits: Floats
    metric: str
    placed: Placements | None

    @classmethod
    def of(cls, labels: Labels, logits: Floats, metric: str) -> SliceScores:
        """`placed` is there where an AUC means something."""
        both = 0 < np.count_nonzero(labels) < len(labels)
        placed = placements(labels, logits) if metric == "auc" and both else None
        return cls(labels, logits, metric, placed)

    def of_seeds(self) -> tuple[float, ...]:
        """The metric of every seed, NaN where it means nothing."""
        if self.placed is not None:
            return self.placed.of_seeds
        return tuple(METRICS[self.metric].value(self.labels, seed) for seed in self.logits)

    def estimate(self) -> Estimate | None:
        """The metric with its interval; None where it means nothing."""
        of_seeds = self.of_seeds()
        if math.isnan(of_seeds[0]):
            return None
        rows, seeds = self._over_rows(), seed_interval(of_seeds)
        if not seeds.is_known:
            return Estimate(of_seeds, rows)
        return Estimate(of_seeds, joined_interval(rows, seeds) if rows.is_known else seeds)

    def _over_rows(self) -> Interval:
        if self.placed is not None:
            return self.placed.interval()
        if self.metric in OVER_ROWS:
            found = interval_of(self.labels, self.logits, METRICS[self.metric])
            assert found is not None  # the metric has a value
            return found
        return unknown_interval(float(np.mean(self.of_seeds())), LEVEL, "not known over rows")

    def better_than(self, other: SliceScores) -> Interval | None:
        """By how much on the same rows (`bootstrap.row_difference`); None where the metric means
        nothing."""
        if self.placed is not None and other.placed is not None:
            few = min(len(self.placed.positive), len(self.placed.negative)) < 2
            if not few:
                return self.placed.against(other.placed)
        return row_difference(self.labels, self.logits, other.logits, self.metric)


def estimate(labels: Labels, logits: Floats, metric: str) -> Estimate | None:
    """A metric over these rows, from logits [seeds, rows]; None where it means nothing."""
    return SliceScores.of(labels, logits, metric).estimate()


@dataclass(frozen=True)
class SliceRow:
    """A slice, its rows, and the metric of every contender by key. `lead` says whose mean is best
    and against whom that counts; None with fewer than two values, or where the luck of the rows is
    not known (`OVER_ROWS`)."""

    slice: Slice
    rows: int
    positives: int
    estimates: Mapping[str, Estimate | None]
    lead: Lead | None

    @property
    def best(self) -> str | None:
        """The key of the model that is better than all others, if there is one."""
        return None if self.lead is None else self.lead.winner


def slice_rows(
    models: Sequence[Contender], labels: Labels, slices: Sequence[Slice], metric: str
) -> list[SliceRow]:
    """The metric of every model on every slice."""
    return [_slice_row(models, labels, slice_, metric) for slice_ in slices]


def _slice_row(models: Sequence[Contender], labels: Labels, slice_: Slice, metric: str) -> SliceRow:
    here = labels[slice_.mask]
    seen = {
        model.key: SliceScores.of(here, model.logits[:, slice_.mask], metric) for model in models
    }
    estimates = {key: one.estimate() for key, one in seen.items()}
    known = {key: found for key, found in estimates.items() if found is not None}
    return SliceRow(
        slice=slice_,
        rows=len(here),
        positives=int(np.count_nonzero(here)),
        estimates=estimates,
        lead=_lead(seen, known, metric),
    )


def _lead(
    seen: Mapping[str, SliceScores], known: Mapping[str, Estimate], metric: str
) -> Lead | None:
    if len(known) < 2 or metric not in OVER_ROWS:
        return None
    values = {key: found.of_seeds for key, found in known.items()}
    best = leader(values, metric)
    assert best is not None  # they have values
    rows = {
        key: found
        for key in known
        if key != best and (found := seen[best].better_than(seen[key])) is not None
    }
    return lead(values, metric, rows)


def against_mean(
    whole: Contender, parts: Sequence[Contender], labels: Labels, slice_: Slice
) -> Evidence | None:
    """How much better a model's AUC on a slice is than the mean of others'; None where an AUC has
    no value."""
    here = labels[slice_.mask]
    seen = [
        SliceScores.of(here, model.logits[:, slice_.mask], "auc").placed
        for model in (whole, *parts)
    ]
    placed = [one for one in seen if one is not None]
    if len(placed) < len(seen):
        return None
    own, mean = placed[0], mean_placements(placed[1:])
    few = min(len(own.positive), len(own.negative)) < 2
    return evidence(own.of_seeds, mean.of_seeds, "auc", None if few else own.against(mean))


def compare(
    a: Contender,
    b: Contender,
    labels: Labels,
    slice_: Slice,
    metric: str,
    where: str = "",
    level: float = LEVEL,
) -> Verdict:
    """One sentence on two models: `verdicts.verdict` with both kinds of luck. `where` is how the
    sentence calls the slice."""
    here = labels[slice_.mask]
    of_a, of_b = (SliceScores.of(here, m.logits[:, slice_.mask], metric) for m in (a, b))
    rows = of_a.better_than(of_b)
    return verdict(
        a.name,
        of_a.of_seeds(),
        b.name,
        of_b.of_seeds(),
        metric,
        where or slice_.label,
        rows,
        level,
    )
