"""What a model costs beside what it is worth: size, training, serving, disk."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field
from threadpoolctl import threadpool_limits

from recsys_demo.jobs.context import Context
from recsys_demo.jobs.store import JobSpec
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.recommendation.weights import Index
from recsys_demo.studies.comparison.list_job import RunRef
from recsys_demo.studies.comparison.models import Contender
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.values import Frozen, validated

REPEATS, WARM_UP = 200, 20


@dataclass(frozen=True)
class Serving:
    """A way to score the candidates of one request: threads, each with a batch of its own. `paper`
    is what W&D, Table 2, prints for it in milliseconds."""

    candidates: int
    threads: int
    paper: float | None = None

    @property
    def batch(self) -> int:
        """Candidates of each thread."""
        return self.candidates // self.threads


SERVINGS = (
    Serving(50, 1),
    Serving(100, 1),
    Serving(200, 1, paper=31.0),
    Serving(200, 2, paper=17.0),
    Serving(200, 4, paper=14.0),
)


class CostPayload(Frozen):
    """One run per model, timed one after the other on the same worker."""

    runs: tuple[RunRef, ...] = Field(min_length=1)
    repeats: int = Field(REPEATS, ge=10, le=10_000)


def serving_job(runs: Sequence[SavedRun]) -> JobSpec:
    """The job that times these runs."""
    refs = tuple(RunRef(key=r.key, folder=str(r.folder), checksum=r.checksum) for r in runs)
    return JobSpec(task="serving", payload=CostPayload(runs=refs).model_dump(mode="json"))


def time_serving(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """The task "serving": a `timed` event per run and way, then `result`."""
    wanted = validated(CostPayload, payload, "job")
    ways = [way for way in SERVINGS if way.threads <= cores()]
    for number, run in enumerate(wanted.runs):
        message = f"model {number + 1} of {len(wanted.runs)}"
        fraction = number / len(wanted.runs)
        yield {"type": "progress", "fraction": fraction, "message": message}
        recommender = Recommender.of_folder(Path(run.folder))
        for way in ways:
            context.check()
            times = request_times(recommender, way, wanted.repeats)
            median, late = np.quantile(times, [0.5, 0.95])
            yield {
                "type": "timed",
                "run": run.key,
                "candidates": way.candidates,
                "threads": way.threads,
                "ms": float(median),
                "ms_95": float(late),
            }
    yield {"type": "result", "cores": cores(), "repeats": wanted.repeats}


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def request_times(recommender: Recommender, way: Serving, repeats: int) -> list[float]:
    """Milliseconds of each request: one query's fields read, its candidates scored. A catalogue
    with fewer items is gone through several times."""
    random = np.random.default_rng(0)
    queries = _some_queries(recommender, random)
    pieces = [
        np.arange(thread * way.batch, (thread + 1) * way.batch) % len(recommender)
        for thread in range(way.threads)
    ]
    times = []
    with threadpool_limits(1), ThreadPoolExecutor(way.threads) as pool:
        for number in range(repeats + WARM_UP):
            start = time.perf_counter()
            _score(recommender, queries[number % len(queries)], pieces, pool)
            times.append(1000 * (time.perf_counter() - start))
    return times[WARM_UP:]


def _score(
    recommender: Recommender, query: Query, pieces: Sequence[Index], pool: ThreadPoolExecutor
) -> None:
    half = recommender.half(query)
    if len(pieces) == 1:
        recommender.logits(half, pieces[0])
        return
    list(pool.map(lambda rows: recommender.logits(half, rows), pieces))


def _some_queries(recommender: Recommender, random: np.random.Generator) -> list[Query]:
    users = recommender.people
    if recommender.schema.user is None or not users:
        return [recommender.query({})]
    return [recommender.query({"user": user}) for user in random.choice(users, 20)]


def bytes_on_disk(folder: Path) -> int:
    """Of all files of a run."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def cost_frame(models: Sequence[Contender]) -> pd.DataFrame:
    """One row per model, means over its runs."""
    return pd.DataFrame(
        [
            {
                "model": model.name,
                "parameters": int(_mean(model, "parameters")),
                "non-zero wide weights": round(_mean(model, "nonzero_wide_weights")),
                "training seconds": _mean(model, "train_seconds"),
                "seconds to the best epoch": _mean(model, "seconds_to_best"),
                "rows per second": _mean(model, "rows_per_second"),
                "peak memory, MB": _mean(model, "peak_memory_mb"),
                "bytes on disk": round(np.mean([bytes_on_disk(run.folder) for run in model.runs])),
                "test AUC": float(np.mean([run.result["test"]["auc"] for run in model.runs])),
            }
            for model in models
        ]
    )


def _mean(model: Contender, name: str) -> float:
    return float(np.mean([float(run.result[name]) for run in model.runs]))


def serving_frame(timed: Sequence[Mapping[str, Any]], models: Sequence[Contender]) -> pd.DataFrame:
    """One row per way: what the paper prints, and each model's median, NaN where this machine has
    too few cores."""
    at = {(event["run"], event["candidates"], event["threads"]): event["ms"] for event in timed}
    return pd.DataFrame(
        [
            {
                "candidates": way.candidates,
                "threads": way.threads,
                "each thread's batch": way.batch,
                **{
                    f"{model.name}, ms": at.get(
                        (model.runs[0].key, way.candidates, way.threads), np.nan
                    )
                    for model in models
                },
                "W&D Table 2, ms": np.nan if way.paper is None else way.paper,
            }
            for way in SERVINGS
        ]
    )
