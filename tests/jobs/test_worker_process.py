"""Worker processes of both kinds: forked from a warm parent, and started on their own."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
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


@pytest.fixture
def worker(kind: str) -> Iterator[WorkerProcess]:
    made = start_worker(warm_up=False)
    assert isinstance(made, ForkedWorker if kind == "forked" else SpawnedWorker)
    yield made
    made.kill()
    made.wait(PATIENCE)


def ask(worker: WorkerProcess, function: str, *arguments: object) -> object:
    worker.write(json.dumps({"function": function, "arguments": arguments}) + "\n")
    return json.loads(worker.read())["result"]


def test_a_worker_lives_until_it_is_ended(worker: WorkerProcess) -> None:
    assert worker.is_alive()
    assert ask(worker, "os:getpid") == worker.pid
    worker.kill()
    worker.wait(PATIENCE)
    assert not worker.is_alive()
    assert worker.read() == ""


def test_a_worker_has_the_folder_and_the_settings_of_who_starts_it(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("1", "2"):
        folder = tmp_path / number
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("RECSYS_DEMO_ROWS", number)
        made = start_worker(warm_up=False)
        try:
            assert ask(made, "os:getcwd") == str(folder), kind
            assert ask(made, "os:getenv", "RECSYS_DEMO_ROWS") == number
            assert ask(made, "os:nice", 0) == min(19, os.nice(0) + NICENESS)
        finally:
            made.kill()


def test_a_parent_that_was_killed_is_started_again() -> None:
    parent = Parent("recsys_demo.jobs.worker_parent", worker_process.COLD)
    before = ForkedWorker(parent)
    assert parent.process is not None
    assert before.pid != parent.process.pid
    os.kill(parent.process.pid, signal.SIGKILL)
    parent.process.wait(PATIENCE)
    assert before.is_alive(), "who was forked goes on"
    after = ForkedWorker(parent)
    for worker in (before, after):
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
