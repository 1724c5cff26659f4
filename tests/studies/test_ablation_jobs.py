"""Runs of a grid as jobs of a server: a killed worker and a restart cost nothing that was done."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from recsys_demo.config.run import RunConfig
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor
from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import JobSpec, JobStore
from recsys_demo.jobs.tasks import TRIES
from recsys_demo.jobs.training_task import train_job
from recsys_demo.jobs.workers import Workers
from recsys_demo.sweep.job import record_job, records_beside
from recsys_demo.sweep.records import record_key, without_name
from tests.making.inline import Here
from tests.making.sweeping import run_config, write_log

PATIENCE = 90.0


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    return run_config(write_log(tmp_path_factory.mktemp("log")))


def job(config: RunConfig, seed: int = 0) -> JobSpec:
    seeded = config.model_copy(update={"seed": seed})
    return record_job(seeded, record_key(seeded))


class Dying(Executor):
    """Loses its worker with the first tasks, then does them here."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.deaths == 0:
            return Here().submit(fn, *args, **kwargs)
        self.deaths -= 1
        future: Future[Any] = Future()
        future.set_exception(WorkerDiedError("killed"))
        return future


def state_of(workers: Workers, spec: JobSpec) -> str:
    status = workers.store.status(spec.id)
    assert status is not None
    return status.state


@pytest.mark.parametrize("deaths", [1, TRIES - 1])
def test_a_run_that_lost_its_worker_is_done_again(
    config: RunConfig, tmp_path: Path, deaths: int
) -> None:
    workers = Workers(JobStore(tmp_path / "jobs"), [Dying(deaths)], Quota(queue=9))
    spec = job(config)
    workers.submit(spec, "tab")
    assert state_of(workers, spec) == "done"
    assert records_beside(workers.store.folder).get(record_key(config)) is not None


def test_a_run_that_loses_every_worker_is_given_up(config: RunConfig, tmp_path: Path) -> None:
    workers = Workers(JobStore(tmp_path / "jobs"), [Dying(TRIES)], Quota(queue=9))
    spec = job(config)
    workers.submit(spec, "tab")
    assert state_of(workers, spec) == "lost"
    workers.submit(spec, "tab")
    assert state_of(workers, spec) == "done", "asked for again, it is tried again"


def test_a_training_that_lost_its_worker_is_left_to_the_person(
    config: RunConfig, tmp_path: Path
) -> None:
    workers = Workers(JobStore(tmp_path / "jobs"), [Dying(1)], Quota(queue=9))
    spec = train_job(config)
    workers.submit(spec, "tab")
    assert state_of(workers, spec) == "lost"


def test_the_name_of_a_model_makes_no_other_job(config: RunConfig) -> None:
    named = config.model_copy(update={"model": config.model.model_copy(update={"name": "mine"})})
    assert job(named).id == job(config).id
    assert without_name(named) == without_name(config)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is a matter of Unix")
def test_a_killed_process_and_a_restart_lose_nothing_that_was_done(
    config: RunConfig, tmp_path: Path
) -> None:
    slow = config.model_copy(
        update={"training": config.training.model_copy(update={"epochs": 300, "patience": 100})}
    )
    executor = WorkerExecutor(warm_up=False)
    workers = Workers(JobStore(tmp_path / "jobs"), [executor], Quota(queue=9))
    records = records_beside(workers.store.folder)
    finished, struck, later = job(config), job(slow, 1), job(config, 2)
    try:
        workers.submit(finished, "tab")
        wait_for(workers, finished, "done")
        workers.submit(struck, "tab")
        wait_for(workers, struck, "running")
        workers.submit(later, "tab")
        os.kill(executor.pid, signal.SIGKILL)
        wait_for(workers, struck, "done")  # done again by itself
        wait_for(workers, later, "done")
    finally:
        workers.shutdown()
    again = Workers(JobStore(tmp_path / "jobs"), [Dying(9)], Quota(queue=9))
    for spec, seed, like in ((finished, 0, config), (struck, 1, slow), (later, 2, config)):
        assert records.get(record_key(like.model_copy(update={"seed": seed}))) is not None
        again.submit(spec, "another tab")
        assert state_of(again, spec) == "done", "it is not trained again"


def wait_for(workers: Workers, spec: JobSpec, state: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while state_of(workers, spec) != state:
        assert time.monotonic() < deadline, workers.store.status(spec.id)
        time.sleep(0.02)
