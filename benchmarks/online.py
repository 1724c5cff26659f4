"""Offline test against simulated online test: every pair of the four presets in two worlds, five
seeds each, judged by the lab's rule. Compare's ready case is taken from here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, cast

from benchmarks.tables import table
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS, default_crosses, with_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.sample import WORLDS
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.evaluation.online_test import OnlineConfig
from recsys_demo.evaluation.slices import default_slices
from recsys_demo.jobs.context import Context
from recsys_demo.studies.comparison.list_job import lists_job, make_lists, read_lists
from recsys_demo.studies.comparison.measures import compare
from recsys_demo.studies.comparison.models import contenders
from recsys_demo.studies.comparison.online_arms import online_arms
from recsys_demo.training.experiment import train_run
from recsys_demo.training.runs import save_run
from recsys_demo.training.saved_run import SavedRun

SEEDS, QUERIES = 5, 300
SPLIT = SplitConfig(kind="column")


@dataclass(frozen=True)
class _Alone:
    """What the task that makes lists asks of its job."""

    folder: Path

    def check(self) -> bool:
        return True


def measure() -> dict[str, Any]:
    """Findings by world."""
    return {
        key: list(_pairs(SampleSpec(world=WORLDS[key].config))) for key in ("paper", "cold_start")
    }


def _pairs(spec: SampleSpec) -> Iterator[dict[str, Any]]:
    data = load(spec, SPLIT)
    every = next(one for one in default_slices(data.train, data.test) if one.key == "all")
    with tempfile.TemporaryDirectory() as home:
        runs = [
            _run(preset, seed, data, spec, Path(home))
            for seed in range(SEEDS)
            for preset in MAIN_PRESETS
        ]
        for _ in make_lists(lists_job(runs, QUERIES).payload, cast(Context, _Alone(Path(home)))):
            pass
        lists = read_lists(Path(home))
        models = contenders(runs, data.test)
        for one, other in combinations(models, 2):
            offline = compare(one, other, data.test.labels, every, "auc")
            online = online_arms([one], lists, other, OnlineConfig())[0]
            yield {
                "pair": f"{one.name} against {other.name}",
                "offline": [offline.finding, offline.gain, offline.half_width],
                "online": [online.finding, online.gain.value, online.gain.half_width],
            }


def _run(preset: str, seed: int, data: Dataset, spec: SampleSpec, home: Path) -> SavedRun:
    model = with_crosses(PRESETS[preset].model, default_crosses(data.schema))
    training = train_run(RunConfig(data=spec, split=SPLIT, model=model, seed=seed))
    while True:
        try:
            next(training)
        except StopIteration as end:
            save_run(end.value, home / f"{preset} {seed}")
            return SavedRun.of(f"{preset} {seed}", home / f"{preset} {seed}")


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        [
            WORLDS[world].label,
            found["pair"],
            _cell(found["offline"], 3, ""),
            _cell(found["online"], 1, " %"),
        ]
        for world, pairs in figures.items()
        for found in pairs
    ]
    head = ["world", "pair", "offline: AUC on all rows", "online: simulated installs"]
    return f"""## Offline and online

{__doc__}

{SEEDS} seeds of each model, {QUERIES} people of the test rows; intervals of 95 % over rows or
visitors and seeds together.

{table(head, rows)}"""


def _cell(found: list[Any], digits: int, unit: str) -> str:
    finding, gain, half = found
    return f"{finding} ({gain:+.{digits}f} ± {half:.{digits}f}{unit})"
