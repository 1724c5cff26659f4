"""kill -9 for real: nothing finished is lost, nothing half-written is shown."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from recsys_demo.errors import InputError
from recsys_demo.jobs.executor import WorkerExecutor
from recsys_demo.jobs.store import Command
from recsys_demo.jobs.training_task import run_folder
from recsys_demo.jobs.watch import Watcher
from recsys_demo.jobs.workers import Workers
from recsys_demo.training.run_files import FILES, is_whole
from recsys_demo.training.runs import files_of, load_run, save_run
from tests.making.faults import (
    LONG,
    PATIENCE,
    begin,
    claim_and_be_killed,
    in_a_fork,
    job,
    save_and_be_killed,
    wait_for,
    workers_of,
)
from tests.making.runs import make_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="kill -9 is a matter of Unix")


@pytest.fixture(scope="module")
def executor() -> WorkerExecutor:
    return WorkerExecutor(warm_up=False)


@pytest.fixture
def workers(tmp_path: Path, executor: WorkerExecutor) -> Workers:
    return workers_of(tmp_path, executor)


def lives(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False


def test_a_killed_worker(workers: Workers, executor: WorkerExecutor) -> None:
    finished = workers.submit(job(3), "tab")
    wait_for(workers, finished, "done")
    struck, waiting = workers.submit(job(1, LONG), "tab"), workers.submit(job(2), "tab")
    wait_for(workers, struck, "running")
    workers.command(struck, Command(command="pause"))
    os.kill(executor.pid, signal.SIGKILL)
    assert "Nothing else was harmed" in wait_for(workers, struck, "lost").message
    # The queue goes on with a new worker, and what was finished stays so.
    wait_for(workers, waiting, "done")
    assert is_whole(run_folder(workers.store.path(finished)))
    assert not run_folder(workers.store.path(struck)).exists()
    assert workers.load == (0, 1, 0)


def test_a_killed_server(workers: Workers, tmp_path: Path) -> None:
    server = begin("serve_and_die_when_killed", tmp_path)
    assert server.stdout is not None
    pid, struck, waiting = server.stdout.readline().split()
    watcher = Watcher(workers.store)
    running = watcher.view(struck)
    assert running is not None
    assert running.status.state == "running"
    server.kill()
    server.wait(60)
    assert "was stopped" in wait_for(workers, struck, "lost").message
    assert "was stopped" in wait_for(workers, waiting, "lost").message
    deadline = time.monotonic() + PATIENCE
    while lives(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lives(int(pid))  # its worker ends with it
    # Started again, both come to their end under this server.
    assert workers.submit(job(2), "tab") == waiting
    wait_for(workers, waiting, "done")
    assert is_whole(run_folder(workers.store.path(waiting)))
    again = watcher.view(waiting)
    assert again is not None
    assert again.result is not None
    assert [event["type"] for event in again.events].count("preparing") == 1


@pytest.mark.parametrize("after", [0, 3, len(FILES), len(FILES) + 1])
def test_killed_in_the_middle_of_saving(after: int, tmp_path: Path) -> None:
    kept = make_run()
    save_run(kept, tmp_path / "kept")
    in_a_fork(save_and_be_killed, files_of(kept), tmp_path / "run", after)
    whole = after > len(FILES)
    assert (tmp_path / "run").exists() == whole
    assert is_whole(tmp_path / "run") == whole
    load_run(tmp_path / "kept")
    if not whole:
        save_run(kept, tmp_path / "run")  # nothing stands in the way of the next try
    load_run(tmp_path / "run")


def test_killed_between_claim_and_status(workers: Workers, tmp_path: Path) -> None:
    in_a_fork(claim_and_be_killed, tmp_path)
    job_id = job(1).id
    assert (workers.store.path(job_id) / "claim").exists()
    assert workers.store.status(job_id) is None
    workers.submit(job(1), "tab")
    wait_for(workers, job_id, "done")


@pytest.mark.parametrize("name", ["run.json", *FILES])
@pytest.mark.parametrize("harm", ["missing", "altered", "old version"])
def test_a_harmed_run_is_known(name: str, harm: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    save_run(make_run(), folder)
    assert is_whole(folder)
    path = folder / name
    if harm == "missing":
        path.unlink()
    elif harm == "altered":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        manifest = folder / "run.json"
        manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 0'))
    assert not is_whole(folder)
    with pytest.raises(InputError):
        load_run(folder)


def test_damaged_notes_of_a_job_do_no_harm(workers: Workers) -> None:
    job_id = workers.submit(job(4), "tab")
    wait_for(workers, job_id, "done")
    folder = workers.store.path(job_id)
    with (folder / "events.jsonl").open("ab") as file:
        file.write(b'{"type": "epo{"type": "epoch"}\n{"cut')
    (folder / "control.json").write_text('{"command": "explode"}')
    assert workers.store.wanted(job_id).command == "run"
    view = Watcher(workers.store).view(job_id)
    assert view is not None
    assert view.result is not None
    (folder / "status.json").write_text("[1")
    assert workers.store.status(job_id) is None
    # The claim's holder lives, but knows nothing of it any more: it is done again.
    workers.submit(job(4), "tab")
    wait_for(workers, job_id, "done")
