"""A number that each run of a model has with its own interval, told for the model."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.verdicts import LEVEL
from recsys_demo.studies.comparison.measures import seed_interval


def over_runs(
    values: Sequence[float], lows: Sequence[float], highs: Sequence[float], method: str
) -> Interval | None:
    """The mean over runs. Its interval is the wider one of the runs' own (their mean, as if all
    runs erred together) and Student's over the runs. None where no run has a value."""
    known = [i for i, value in enumerate(values) if not math.isnan(value)]
    if not known:
        return None
    mean, low, high = (float(np.mean([part[i] for i in known])) for part in (values, lows, highs))
    own = Interval(mean, low, high, LEVEL, method)
    seeds = seed_interval([values[i] for i in known])
    if seeds is not None and (math.isnan(low) or seeds.half_width > own.half_width):
        return seeds
    return own
