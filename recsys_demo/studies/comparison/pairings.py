"""Every pair of models on every slice that matters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd

from recsys_demo.evaluation.metrics import METRICS, Labels
from recsys_demo.evaluation.slices import Slice
from recsys_demo.studies.comparison.measures import compare
from recsys_demo.studies.comparison.models import Contender


def pairing_frame(
    models: Sequence[Contender],
    labels: Labels,
    slices: Sequence[tuple[Slice, str]],
    metrics: Sequence[str],
) -> pd.DataFrame:
    """One row per pair, slice (with its name in sentences) and metric: the gain of a over b
    (above 0: a is better), its ±, the better one or what is said instead, and the sentence."""
    records = []
    for a, b in combinations(models, 2):
        for slice_, where in slices:
            for metric in metrics:
                said = compare(a, b, labels, slice_, metric, where)
                records.append(
                    {
                        "a": a.name,
                        "b": b.name,
                        "slice": where,
                        "metric": METRICS[metric].label,
                        "a better by": said.gain,
                        "±": said.half_width,
                        "better": said.winner or said.finding,
                        "in words": said.sentence,
                    }
                )
    return pd.DataFrame(records)
