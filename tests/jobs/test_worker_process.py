"""Worker processes of both kinds: forked from a warm parent, and started on their own."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from recsys_demo.jobs import worker_process
from recsys_demo.jobs.forks import Parent
from recsys_demo.jobs.worker import NICENESS
from recsys_demo.jobs.worker_process import ForkedWorker, SpawnedWorker, WorkerProcess, start_worker

PATIENCE = 120


@pytest.fixture(params=["forked", "spawned"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "spawned":
        monkeypatch.setattr(worker_process, "_can_hold_forks", lambda: False)
    elif not worker_process._can_hold_forks():
        pytest.skip("this system cannot hold a forked process")
    return str(request.param)


def ask(worker: WorkerProcess, function: str, *arguments: object) -> object:
    worker.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
    return json.loads(worker.read())["result"]


def test_a_worker_has_the_place_of_who_starts_it_and_lives_until_it_is_ended(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two forked ones have one parent, which has neither's place.
    for number in ("1", "2") if kind == "forked" else ("1",):
        folder = tmp_path / number
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("RECSYS_DEMO_ROWS", number)
        worker = start_worker(warm_up=False)
        assert isinstance(worker, ForkedWorker if kind == "forked" else SpawnedWorker)
        try:
            assert worker.is_alive()
            assert ask(worker, "os:getpid") == worker.pid
            assert ask(worker, "os:getcwd") == str(folder)
            assert ask(worker, "os:getenv", "RECSYS_DEMO_ROWS") == number
            assert ask(worker, "os:nice", 0) == min(19, os.nice(0) + NICENESS)
        finally:
            worker.kill()
        worker.wait(PATIENCE)
        assert not worker.is_alive()
        assert worker.read() == ""


def test_a_worker_outlives_a_parent_that_was_killed() -> None:
    """That another parent is started then is asked of the helper's."""
    parent = Parent("recsys_demo.jobs.worker_parent", worker_process.COLD)
    worker = ForkedWorker(parent)
    assert parent.process is not None
    assert worker.pid != parent.process.pid
    os.kill(parent.process.pid, signal.SIGKILL)
    parent.process.wait(PATIENCE)
    assert worker.is_alive()
    assert ask(worker, "os:getpid") == worker.pid
    worker.kill()
    worker.wait(PATIENCE)
    assert not worker.is_alive()


def test_a_parent_that_cannot_start_is_a_worker_that_has_died() -> None:
    worker = ForkedWorker(Parent("recsys_demo.no_such_module"))
    worker.wait(PATIENCE)
    assert not worker.is_alive()
    assert worker.read() == ""
    worker.kill()
