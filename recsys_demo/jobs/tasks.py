"""The registry of tasks: what a worker can do, imported when it is first done.

A task takes the payload and a `Context` and yields events as plain values.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TASKS: Mapping[str, str] = MappingProxyType(
    {
        "train": "recsys_demo.jobs.training_task:train",
        "overcross": "recsys_demo.jobs.overcross_task:overcross_events",
        "towers": "recsys_demo.jobs.towers_task:towers_events",
        "record": "recsys_demo.sweep.job:record",
        "sweep": "recsys_demo.sweep.job:sweep_on",
        "tune": "recsys_demo.studies.tuning_task:tune",
        "map": "recsys_demo.studies.embeddings.tasks:draw_map",
        "film": "recsys_demo.studies.embeddings.tasks:make_film",
        "lists": "recsys_demo.studies.comparison.list_job:make_lists",
        "serving": "recsys_demo.studies.comparison.cost:time_serving",
    }
)
# Tasks that are one of many: when such a job loses its worker, it is done again by itself.
DONE_AGAIN = frozenset({"record"})
# How often what lost its worker is tried in all.
TRIES = 3
# Tasks that are many runs, each kept by itself: they have no time limit of one.
MANY_RUNS = frozenset({"sweep", "tune"})
