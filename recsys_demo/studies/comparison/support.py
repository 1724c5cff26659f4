"""The support curve: a metric of each model against how often a row's pair occurred in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys_demo.data.sources import Dataset
from recsys_demo.evaluation.metrics import METRICS
from recsys_demo.evaluation.slices import Support, rivals, support_slices
from recsys_demo.studies.comparison.measures import Estimate, estimate
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.comparison.tables import numbers


@dataclass(frozen=True)
class Bucket:
    """Rows whose pair occurred this often, and the metric of every model by key."""

    label: str
    help: str
    rows: int
    positives: int
    estimates: Mapping[str, Estimate | None]


def support_buckets(
    models: Sequence[Contender], data: Dataset, support: Support, metric: str
) -> list[Bucket]:
    """Every bucket, empty ones too, so that the axis is always the same. support [test rows]."""
    found = []
    for bucket in support_slices(support, rivals(data.train, data.test)):
        labels = data.test.labels[bucket.mask]
        found.append(
            Bucket(
                label=bucket.label,
                help=bucket.help,
                rows=len(labels),
                positives=int(np.count_nonzero(labels)),
                estimates={
                    model.key: estimate(labels, model.logits[:, bucket.mask], metric)
                    for model in models
                },
            )
        )
    return found


def support_frame(
    buckets: Sequence[Bucket], models: Sequence[Contender], metric: str
) -> pd.DataFrame:
    """One row per bucket and model."""
    return pd.DataFrame(
        [
            {
                "times seen in training": bucket.label,
                "model": model.name,
                "metric": METRICS[metric].label,
                **numbers(bucket.estimates[model.key]),
                "rows": bucket.rows,
                "positives": bucket.positives,
            }
            for bucket in buckets
            for model in models
        ]
    )
