"""Two servers on one folder, and clocks that go back."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from recsys_demo.jobs import worker
from recsys_demo.jobs.cleaning import RECORDS, UPLOADS, clean
from recsys_demo.jobs.context import Context
from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import Command, JobStore
from recsys_demo.jobs.watch import Watcher
from recsys_demo.jobs.workers import Workers
from tests.making.faults import begin, job, wait_for

JOBS = 40


def ended(store: JobStore, seed: int, state: str = "done", size: int = 100_000) -> str:
    """A job that has come to its end."""
    job_id = job(seed).id
    assert store.claim(job(seed))
    (store.path(job_id) / "events.jsonl").write_text('{"type": "result"}\n')
    status = store.status(job_id)
    assert status is not None
    store.set_status(job_id, status.model_copy(update={"state": state}))
    (store.path(job_id) / "weights").write_bytes(b"x" * size)
    return job_id


def test_two_servers_do_every_job_once(tmp_path: Path) -> None:
    """Half of the jobs were lost by a server that is gone: both would like to take them over."""
    store = JobStore(tmp_path / "jobs")
    for seed in range(0, JOBS, 2):
        ended(store, seed, "lost")
    servers = [begin("race", tmp_path, name, JOBS) for name in ("one", "two")]
    (tmp_path / "go").touch()
    assert [server.wait(120) for server in servers] == [0, 0]
    done = (tmp_path / "done").read_text().splitlines()
    assert Counter(int(line.split()[0]) for line in done) == Counter(range(JOBS))
    states = [store.status(job(seed).id) for seed in range(JOBS)]
    assert {status.state for status in states if status} == {"done"}


def test_a_clock_that_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [2_000_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def task(payload: dict[str, Any], context: Context) -> Any:
        yield {"type": "preparing"}
        now[0] -= 86_400
        while context.check():
            time.sleep(0.01)
        yield {"type": "result"}

    monkeypatch.setattr(worker, "_task", lambda name: task)
    store = JobStore(tmp_path / "jobs")
    workers, watcher = Workers(store, [ThreadPoolExecutor(1)], Quota(queue=10)), Watcher(store)
    job_id = workers.submit(job(1), "tab")
    wait_for(workers, job_id, "running")
    workers.command(job_id, Command(command="pause"))
    control = store.path(job_id) / "control.json"
    workers.command(job_id, Command(command="stop"))
    os.utime(control, (1_000, 1_000))  # older than the command before it
    status = wait_for(workers, job_id, "done")
    assert status.started is not None
    assert status.ended is not None
    assert status.ended < status.started
    view = watcher.view(job_id)
    assert view is not None
    assert view.result is not None
    assert workers.submit(job(1), "tab") == job_id  # it is done, whatever the clock says
    assert workers.load == (0, 1, 0)


def test_the_disk_is_kept_below_its_limit(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs")
    old, new, running = ended(store, 1), ended(store, 2), job(3).id
    store.claim(job(3))
    (store.path(running) / "weights").write_bytes(b"x" * 500_000)
    record = tmp_path / RECORDS / "1f.npz"
    record.parent.mkdir()
    record.write_bytes(b"x" * 100_000)
    upload = tmp_path / UPLOADS / "0f"
    upload.mkdir(parents=True)
    (upload / "log.csv").write_bytes(b"x" * 100_000)
    for age, folder in enumerate([upload, record, *map(store.path, (new, old, running))]):
        os.utime(folder, (10_000 - age, 10_000 - age))
    store.touch(new)

    def left_below(limit: int, *is_open: str) -> set[str]:
        size = clean(store, limit, lambda name: name in is_open).total()
        there = [store.path(job_id) for job_id in store.ids()]
        there += [place for place in (upload, record) if place.exists()]
        files = [file for place in there for file in place.rglob("*") if file.is_file()]
        assert size == sum(f.stat().st_size for f in [*files, *filter(Path.is_file, there)])
        return {place.name for place in there}

    everything = {old, new, running, upload.name, record.name}
    assert left_below(10**6) == everything
    assert left_below(850_000) == everything - {old}
    # What somebody has open stays, and what runs, however lately the rest was wanted.
    assert left_below(100, upload.name) == {running, upload.name}
    assert left_below(100) == {running}


def test_a_watcher_sees_that_a_job_was_cleaned_or_begun_again(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs")
    watcher = Watcher(store)
    job_id = ended(store, 1)
    (store.path(job_id) / "events.jsonl").write_text('{"type": "result"}\n')
    view = watcher.view(job_id)
    assert view is not None
    assert view.result is not None
    store.forget(job_id)
    assert watcher.view(job_id) is None
    store.claim(job(1))
    again = watcher.view(job_id)
    assert again is not None
    assert (again.status.state, again.events) == ("queued", [])
