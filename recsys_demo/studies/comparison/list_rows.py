"""The metrics of whole lists, model by model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recsys_demo.evaluation.intervals import Interval, joined_interval, seed_interval
from recsys_demo.evaluation.list_metrics import LIST_METRICS, ListMetric, list_report
from recsys_demo.evaluation.lists import Items, Lists, top_k
from recsys_demo.studies.comparison.list_job import ModelLists
from recsys_demo.studies.comparison.models import Contender

TRUTH = "the planted truth"


@dataclass(frozen=True)
class ListRow:
    """A metric of lists of k, of every model by key; `truth` is that of the best possible lists,
    by the true probabilities."""

    metric: ListMetric
    values: Mapping[str, Interval | None]
    truth: float | None


def list_rows(models: Sequence[Contender], model_lists: ModelLists, k: int) -> list[ListRow]:
    """Every metric that can be known of these data."""
    reports = {
        model.key: [
            list_report(lists_of(model_lists, model_lists.lists[run.key], k)) for run in model.runs
        ]
        for model in models
    }
    ideal = (
        list_report(lists_of(model_lists, truth_lists(model_lists, k), k))
        if model_lists.sample.planted
        else {}
    )
    there = next(iter(reports.values()))[0]
    return [
        ListRow(
            metric=LIST_METRICS[key],
            values={
                name: mean_over_runs([one[key] for one in of_runs])
                for name, of_runs in reports.items()
            },
            truth=ideal[key].value if ideal else None,
        )
        for key in there
    ]


def mean_over_runs(runs: Sequence[Interval]) -> Interval | None:
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
    return joined_interval(own, seeds) if own.is_known else seeds


def lists_of(model_lists: ModelLists, items: Items, k: int) -> Lists:
    """The first k places of lists, with what their metrics need."""
    found = model_lists.sample
    relevance = np.where(found.excluded, 0.0, found.relevance)
    return Lists(items[:, :k], found.catalogue, relevance)


def truth_lists(model_lists: ModelLists, k: int) -> Items:
    """The lists that the true probabilities would show, [queries, k]."""
    return top_k(model_lists.sample.relevance, k, model_lists.sample.excluded)


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
