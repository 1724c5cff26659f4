"""How long the ready questions of the Ablate room take, and what they answer.

The shipped sample set and defaults, five seeds, two worker processes of the pages' own queue on two
cores; every question begins with nothing trained and with workers that have just been started. The
dials are those of a trained model (Wide & Deep): seconds from a new dial to the metrics of every
slice and to the list of one query.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.tables import table
from recsys_demo.config.presets import PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.slices import swept_slices
from recsys_demo.folders import SAMPLE_SET
from recsys_demo.jobs.executor import WorkerExecutor
from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import JobStore
from recsys_demo.jobs.workers import Workers
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.studies.ablation.answers import answer_of
from recsys_demo.studies.ablation.dials import list_places, slice_changes
from recsys_demo.studies.ablation.grid import Grid
from recsys_demo.studies.ablation.logit_parts import parts_of_list, parts_of_rows
from recsys_demo.studies.ablation.outcomes import Reader
from recsys_demo.studies.ablation.questions import QUESTIONS
from recsys_demo.sweep.job import record_job, records_beside
from recsys_demo.sweep.records import record_key
from recsys_demo.training.experiment import train_run, trained_run

SEEDS = (0, 1, 2, 3, 4)
PROCESSES = 2
LIMIT = 180
DIALS = (0.0, 0.25, 0.5, 0.75, 1.25, 1.5)
SCHEMA = Schema.from_toml(SAMPLE_SET / "schema.toml")
BASE = RunConfig(
    data=SampleSpec(),
    split=SplitConfig(kind="column"),
    model=with_crosses(PRESETS["wide_deep"].model, default_crosses(SCHEMA)),
)


def measure() -> dict[str, Any]:
    """Ask every question, then turn the dials."""
    return {"questions": {key: ask(key) for key in QUESTIONS}, "dials": turn()}


def ask(key: str) -> dict[str, Any]:
    """One question from the click to its sentence."""
    question = QUESTIONS[key]
    grid = Grid(question.cells(BASE, SCHEMA, None), SEEDS)
    with tempfile.TemporaryDirectory() as home:
        store = JobStore(Path(home) / "jobs")
        begin = time.perf_counter()
        executors = [WorkerExecutor() for _ in range(PROCESSES)]
        workers = Workers(store, executors, Quota(queue=200))
        jobs = [
            workers.submit(record_job(config, record_key(config)), "benchmark")
            for config in grid.configs()
        ]
        while not all(status.has_ended for job in jobs if (status := store.status(job))):
            time.sleep(0.05)
        answer = answer_of(
            question, Reader(records_beside(store.folder)).outcomes(grid), grid.cells
        )
        seconds = time.perf_counter() - begin
        workers.shutdown()
    assert answer is not None
    sys.stderr.write(f"{key}: {seconds:.0f} s. {answer.sentence}\n")
    return {"seconds": seconds, "runs": len(jobs), "sentence": answer.sentence}


def turn() -> dict[str, Any]:
    """Seconds of every new dial of every part, slices and list."""
    run = trained_run(train_run(BASE))
    data = load(BASE.data, BASE.split)
    slices = swept_slices(data.train, data.test)
    taken = parts_of_rows(run.ranker, run.encoder, run.encoder.encode(data.test))
    user = run.queries.index[0]
    recommender = Recommender.of_run(run)
    one = parts_of_list(recommender, recommender.query({"user": str(user)}))
    items = recommender.names
    on_slices, on_list = [], []
    for part in taken.dials:
        for dial in DIALS:
            begin = time.perf_counter()
            slice_changes(taken, data.test.labels, slices, {part: dial})
            on_slices.append(time.perf_counter() - begin)
            begin = time.perf_counter()
            list_places(one, items, {part: dial}, 10)
            on_list.append(time.perf_counter() - begin)
    return {"rows": len(data.test), "items": len(items), "slices": on_slices, "list": on_list}


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        [QUESTIONS[key].label, str(one["runs"]), f"{one['seconds']:.0f}", one["sentence"]]
        for key, one in figures["questions"].items()
    ]
    dials = figures["dials"]
    slowest = max(one["seconds"] for one in figures["questions"].values())
    within = "within" if slowest < LIMIT else "NOT within"
    return f"""## Ready questions of the Ablate room

{__doc__.split(chr(10), 2)[2].strip()}

{table(["question", "runs", "seconds", "answer"], rows)}

The slowest takes {slowest:.0f} s, {within} the budget of {LIMIT} s. A new dial takes
{_milliseconds(dials["slices"])} on the {dials["rows"]:,} test rows and
{_milliseconds(dials["list"])} on a list of {dials["items"]} apps (median and slowest of
{len(dials["slices"])})."""


def _milliseconds(seconds: Sequence[float]) -> str:
    return f"{1e3 * statistics.median(seconds):.1f} ms ({1e3 * max(seconds):.1f} ms)"
