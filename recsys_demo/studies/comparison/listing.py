"""The metrics of whole lists, model by model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.list_metrics import LIST_METRICS, ListMetric, list_report
from recsys_demo.evaluation.lists import Items, Lists, top_k
from recsys_demo.studies.comparison.list_job import Stage
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.studies.comparison.over_runs import over_runs

TRUTH = "the planted truth"


@dataclass(frozen=True)
class ListRow:
    """A metric of lists of k, of every model by key; `truth` is that of the best possible lists,
    by the planted truth itself."""

    metric: ListMetric
    values: Mapping[str, Interval | None]
    truth: float | None


def list_rows(models: Sequence[Contender], stage: Stage, k: int) -> list[ListRow]:
    """Every metric that can be known of these data."""
    reports = {
        model.key: [list_report(lists_of(stage, stage.lists[run.key], k)) for run in model.runs]
        for model in models
    }
    ideal = list_report(lists_of(stage, truth_lists(stage, k), k)) if stage.audience.planted else {}
    there = next(iter(reports.values()))[0]
    return [
        ListRow(
            metric=LIST_METRICS[key],
            values={
                name: over_runs([one[key] for one in of_runs]) for name, of_runs in reports.items()
            },
            truth=ideal[key].value if ideal else None,
        )
        for key in there
    ]


def lists_of(stage: Stage, items: Items, k: int) -> Lists:
    """The first k places of lists, with what their metrics need."""
    found = stage.audience
    relevance = np.where(found.excluded, 0.0, found.relevance)
    return Lists(items[:, :k], found.catalogue, relevance)


def truth_lists(stage: Stage, k: int) -> Items:
    """The lists that the planted truth itself would show, [queries, k]."""
    return top_k(stage.audience.relevance, k, stage.audience.excluded)


def list_frame(rows: Sequence[ListRow], models: Sequence[Contender], k: int) -> pd.DataFrame:
    """One row per metric and model."""
    records = []
    for row in rows:
        for model in models:
            found = row.values[model.key]
            records.append(
                {
                    "metric": row.metric.label,
                    "k": k,
                    "model": model.name,
                    "value": None if found is None else found.value,
                    "low": None if found is None else found.low,
                    "high": None if found is None else found.high,
                    "interval": "" if found is None else f"{found.level:.0%}, {found.method}",
                    "meaning": row.metric.help,
                }
            )
        if row.truth is not None:
            records.append({"metric": row.metric.label, "k": k, "model": TRUTH, "value": row.truth})
    return pd.DataFrame(records)
