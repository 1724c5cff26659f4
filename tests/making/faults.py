"""What the processes do that these tests harm: `python -m tests.making.faults WHAT FOLDER ...`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.errors import InputError
from recsys_demo.jobs import store as store_module
from recsys_demo.jobs import worker
from recsys_demo.jobs.executor import WorkerExecutor
from recsys_demo.jobs.settings import Quota
from recsys_demo.jobs.store import Command, JobSpec, JobStore, Status
from recsys_demo.jobs.training_task import train_job
from recsys_demo.jobs.workers import Workers
from recsys_demo.training import run_files
from recsys_demo.training.run_files import Files

PATIENCE = 120.0
WORLD = WorldConfig(users=150, apps=40, impressions=3_000, exceptions=20)


def job(seed: int, epochs: int = 2) -> JobSpec:
    """A training of a second, or of as many as it takes for `epochs`."""
    return train_job(
        RunConfig(
            data=SampleSpec(world=WORLD),
            split=SplitConfig(kind="column"),
            model=PRESETS["lr"].model,
            training=TrainingConfig(epochs=epochs, patience=min(epochs, 100)),
            seed=seed,
        )
    )


LONG = 1_000  # epochs: time enough to pause it


def say(*words: object) -> None:
    """Tell the test."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def workers_of(home: Path, *executors: Executor) -> Workers:
    """A queue on this folder."""
    return Workers(
        JobStore(home / "jobs"), executors or [WorkerExecutor(warm_up=False)], Quota(queue=500)
    )


def begin(what: str, *arguments: object) -> subprocess.Popen[str]:
    """Start one of the acts below in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.making.faults", what, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for(workers: Workers, job_id: str, *states: str) -> Status:
    """The job's status as soon as it is one of these."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status = workers.store.status(job_id)
        if status is not None and status.state in states:
            return status
        time.sleep(0.02)
    raise AssertionError(f"{job_id} is {workers.store.status(job_id)}, not {states}")


def serve_and_die_when_killed(folder: str) -> None:
    """A server with one worker, busy with a long job. Prints the worker's process id."""
    executor = WorkerExecutor(warm_up=False)
    workers = workers_of(Path(folder), executor)
    job_id = workers.submit(job(1, LONG), "tab")
    waiting = workers.submit(job(2), "tab")
    workers.command(job_id, Command(command="pause"))
    while not workers.store.events(job_id).events:
        time.sleep(0.02)
    say(executor.pid, job_id, waiting)
    time.sleep(PATIENCE)


def in_a_fork(act: Callable[..., None], *arguments: object) -> None:
    """Do it in a copy of this process, which it may kill: nothing is imported again."""
    process = multiprocessing.get_context("fork").Process(target=act, args=arguments)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL


def save_and_be_killed(files: Files, folder: Path, after: int) -> None:
    """Save a run; kill -9 comes after so many of its files."""
    written = run_files._write_file
    left = after

    def write(path: Path, data: bytes) -> None:
        nonlocal left
        if left == 0:
            path.write_bytes(data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        written(path, data)

    run_files._write_file = write
    run_files.save_files(files, folder)
    os.kill(os.getpid(), signal.SIGKILL)


def claim_and_be_killed(folder: Path) -> None:
    """Kill -9 comes when a job is claimed and nothing else is written of it."""
    store_module.write_json = lambda path, content: os.kill(os.getpid(), signal.SIGKILL)
    JobStore(folder / "jobs").claim(job(1))


def race(folder: str, name: str, jobs: str) -> None:
    """Submit the same jobs as another server at the same time; each notes whom it was done by."""

    def note(payload: dict[str, Any], context: object) -> Iterator[dict[str, Any]]:
        with (Path(folder) / "done").open("a", encoding="utf-8") as file:
            file.write(f"{payload['config']['seed']} {name}\n")
        yield {"type": "result"}

    worker._task = lambda task: note
    pool = ThreadPoolExecutor(4)
    workers = workers_of(Path(folder), pool)
    while not (Path(folder) / "go").exists():
        time.sleep(0.001)
    for seed in range(int(jobs)):
        workers.submit(job(seed), name)
    while any(workers.load[::2]):
        time.sleep(0.01)
    pool.shutdown()
    Path(folder, f"ended {name}").touch()
    while not all(Path(folder, f"ended {n}").exists() for n in ("one", "two")):
        time.sleep(0.01)  # a server that leaves early makes its running jobs look lost


def fill(folder: str) -> Path:
    """Take all the space that is left."""
    ballast = Path(folder) / "ballast"
    with ballast.open("ab", buffering=0) as file:
        try:
            for size in (4096, 1):
                while file.write(b"x" * size):
                    pass
        except OSError:
            pass
    return ballast


def on_a_full_disk(folder: str) -> None:
    """Jobs on a disk of its own that fills up: before one begins, and while one runs."""

    def task(payload: dict[str, Any], context: worker.Context) -> Iterator[dict[str, Any]]:
        yield {"type": "preparing"}
        if payload["config"]["seed"] == 2:
            fill(folder)
            while True:
                yield {"type": "epoch", "text": "x" * 2_000}
        yield {"type": "result"}

    worker._task = lambda name: task
    pool = ThreadPoolExecutor(1)
    workers = workers_of(Path(folder), pool)
    ballast = fill(folder)
    try:
        workers.submit(job(1), "tab")
    except InputError as error:
        say("refused:", error)
    ballast.unlink()
    say("first:", wait_for(workers, workers.submit(job(1), "tab"), "done").state)
    status = wait_for(workers, workers.submit(job(2), "tab"), "failed")
    say("second:", status.state, status.message)
    say("load:", workers.load)
    ballast.unlink()
    say("third:", wait_for(workers, workers.submit(job(3), "tab"), "done").state)
    say("first again:", wait_for(workers, workers.submit(job(1), "tab"), "done").state)
    say("left:", sorted(p.name for p in (Path(folder) / "jobs").rglob(".*.*")))


def on_a_read_only_disk(folder: str) -> None:
    """The disk turns read-only with a job done."""
    worker._task = lambda name: lambda payload, context: iter([{"type": "result"}])
    workers = workers_of(Path(folder), ThreadPoolExecutor(1))
    done = workers.submit(job(1), "tab")
    wait_for(workers, done, "done")
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    say("done still:", workers.store.status(done))
    say("events still:", workers.store.events(done).events)
    try:
        workers.submit(job(2), "tab")
    except InputError as error:
        say("refused:", error)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
