"""Pages that watch jobs look less often the more people have jobs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from recsys_demo.jobs import worker
from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import JobStore
from recsys_demo.jobs.workers import Workers
from recsys_demo.ui import jobs
from tests.making.faults import job, wait_for


def test_visitors_with_jobs_are_counted_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(worker, "_task", lambda name: lambda payload, context: wait())

    def wait() -> list[dict[str, str]]:
        go_on.wait(30)
        return [{"type": "result"}]

    workers = Workers(JobStore(tmp_path / "jobs"), [ThreadPoolExecutor(1)], Quota(queue=50))
    assert workers.visitors == 0
    for seed, session in enumerate(["a", "a", "b", "c", "c"]):
        workers.submit(job(seed), session)
    workers.submit(job(0), "d")  # joins what another has begun
    assert workers.visitors == 4
    go_on.set()
    for seed in range(5):
        wait_for(workers, job(seed).id, "done")
    assert workers.visitors == 0


def test_the_pace_slows_down_with_people(monkeypatch: pytest.MonkeyPatch) -> None:
    def paced(people: int) -> float | None:
        shared = SimpleNamespace(workers=SimpleNamespace(visitors=people))
        monkeypatch.setattr(jobs, "lab_jobs", lambda: shared)
        assert jobs.pace(None) is None
        return jobs.pace(0.6)

    assert [paced(people) for people in (0, 1)] == [0.6, 0.6]
    times = [paced(people) for people in range(1, 31)]
    assert times == sorted(times)
    # However many watch, their looks together stay below five a second.
    assert all(people / float(times[people - 1] or 0) < 5 for people in range(1, 31))
