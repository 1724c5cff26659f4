"""Every run's lists for the same sampled queries, made by a worker and kept in its job's folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from recsys_demo.data.sources import load
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.lists import NOTHING, Catalogue, Items, top_k
from recsys_demo.jobs.context import Context
from recsys_demo.jobs.store import JobSpec
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.studies.comparison.sampled_queries import (
    SampledQueries,
    queries_of,
    query_rows,
    sampled_queries,
)
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.values import Frozen, validated

LONGEST_LIST = 100
FILE = "stage.npz"


class RunRef(Frozen):
    """A saved run, and what its weights were when the job was asked for."""

    key: str
    folder: str
    checksum: str


class ListsPayload(Frozen):
    """Lists of these runs for a sample of the test rows' queries."""

    data: DataSpec
    split: SplitConfig
    runs: tuple[RunRef, ...] = Field(min_length=1)
    queries: int = Field(300, ge=20, le=2_000)


@dataclass(frozen=True, eq=False)
class ModelLists:
    """The audience, and the lists of every run by key, [queries, k] positions each."""

    sample: SampledQueries
    lists: dict[str, Items]


def lists_job(runs: list[SavedRun], queries: int) -> JobSpec:
    """The job that makes the lists of these runs."""
    config = runs[0].config
    payload = ListsPayload(
        data=config.data,
        split=config.split,
        runs=tuple(RunRef(key=r.key, folder=str(r.folder), checksum=r.checksum) for r in runs),
        queries=queries,
    )
    return JobSpec(task="lists", payload=payload.model_dump(mode="json"))


def make_lists(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """The task "lists": progress events, then `result`; `read_lists` reads what it leaves."""
    wanted = validated(ListsPayload, payload, "job")
    yield _progress(0, len(wanted.runs), "reading the data")
    data = load(wanted.data, wanted.split)
    first = Recommender.of_folder(Path(wanted.runs[0].folder))
    rows = query_rows(data.test, len(first), wanted.queries, data.world is not None)
    found = sampled_queries(data, first, rows)
    schema, queries = first.schema, queries_of(data.test, rows, first)
    lists: dict[str, Items] = {}
    for number, run in enumerate(wanted.runs):
        yield _progress(number + 0.5, len(wanted.runs), f"list {number + 1} of {len(wanted.runs)}")
        recommender = Recommender.of_folder(Path(run.folder))
        if recommender.schema != schema:  # other fields were hidden from this model
            schema, queries = recommender.schema, queries_of(data.test, rows, recommender)
        scores = []
        for query in queries:
            context.check()
            scores.append(recommender.logits(query))
        lists[run.key] = top_k(np.stack(scores), LONGEST_LIST, found.excluded)
    _write(ModelLists(found, lists), context.folder / FILE)
    yield {"type": "result", "queries": len(rows), "items": len(first)}


def read_lists(folder: Path) -> ModelLists:
    """What a finished job has left."""
    with np.load(folder / FILE, allow_pickle=False) as content:
        arrays = dict(content)
    lists = {k.removeprefix("list."): _whole(v) for k, v in arrays.items() if k.startswith("list.")}
    found = SampledQueries(
        relevance=arrays["relevance"],
        excluded=arrays["excluded"],
        support=arrays["support"],
        exceptions=arrays.get("exceptions"),
        catalogue=Catalogue(arrays["popularity"], arrays.get("categories"), arrays.get("vectors")),
    )
    return ModelLists(found, lists)


def _whole(items: Items) -> Items:
    """Jobs of before ended their lists where a small catalogue did."""
    empty = max(0, LONGEST_LIST - items.shape[1])
    return np.pad(items, ((0, 0), (0, empty)), constant_values=NOTHING)


def _write(model_lists: ModelLists, file: Path) -> None:
    found = model_lists.sample
    arrays: dict[str, Any] = {
        "relevance": found.relevance,
        "excluded": found.excluded,
        "support": found.support,
        "popularity": found.catalogue.popularity,
        "exceptions": found.exceptions,
        "categories": found.catalogue.categories,
        "vectors": found.catalogue.vectors,
        **{f"list.{key}": items for key, items in model_lists.lists.items()},
    }
    np.savez_compressed(file, **{n: array for n, array in arrays.items() if array is not None})


def _progress(done: float, of: int, message: str) -> dict[str, Any]:
    return {"type": "progress", "fraction": done / of, "message": message}
