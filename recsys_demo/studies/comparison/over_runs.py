"""A number that each run of a model has with its own interval, told for the model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from recsys_demo.evaluation.intervals import Interval, joined, seed_interval


def over_runs(runs: Sequence[Interval]) -> Interval | None:
    """The mean over runs. Its interval joins the runs' own (their mean, as if all runs erred
    together) and, with several, Student's over the runs. None where no run has a value."""
    known = [run for run in runs if not math.isnan(run.value)]
    if not known:
        return None
    ends = np.mean([(run.value, run.low, run.high) for run in known], axis=0)
    mean, low, high = (float(end) for end in ends)
    own = Interval(mean, low, high, known[0].level, known[0].method, known[0].n)
    seeds = seed_interval([run.value for run in known], own.level)
    if not seeds.is_known:
        return own
    return joined(own, seeds) if own.is_known else seeds
