"""Jobs: one for all who want the same, in fair turns, steered from outside."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError
from recsys_demo.jobs.context import CancelledError, Context
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor, place_of_code
from recsys_demo.jobs.settings import JobSettings, Quota
from recsys_demo.jobs.store import EVENTS, Command, Events, JobSpec, JobStore, Status
from recsys_demo.jobs.training_task import train_job
from recsys_demo.jobs.watch import KEPT_JOBS, Watcher
from recsys_demo.jobs.worker import run_job
from recsys_demo.jobs.workers import Workers
from recsys_demo.ui.ablate import grid_runs
from recsys_demo.values import digest
from tests.making.faults import LONG, PATIENCE, job, wait_for, workers_of
from tests.making.hand import Hand, spec
from tests.making.inline import Here as Inline


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def workers(tmp_path: Path, hand: Hand) -> Workers:
    return Workers(JobStore(tmp_path), [hand], Quota(queue=6))


def run_all(hand: Hand, count: int) -> list[str]:
    for _ in range(count):
        hand.end()
    return hand.order


def test_sessions_take_turns_however_much_one_asks_for(workers: Workers, hand: Hand) -> None:
    greedy = [workers.submit(spec(f"a{i}"), "greedy") for i in range(4)]
    modest = workers.submit(spec("b"), "modest")
    late = workers.submit(spec("c"), "late")
    assert run_all(hand, 6) == [greedy[0], greedy[1], modest, late, greedy[2], greedy[3]]


def test_positions_are_those_in_which_jobs_then_run(workers: Workers, hand: Hand) -> None:
    ids = [workers.submit(spec(f"a{i}"), "one") for i in range(3)]
    ids += [workers.submit(spec(f"b{i}"), "two") for i in range(2)]
    assert workers.position(ids[0]) is None  # it runs
    told = {job_id: workers.position(job_id) for job_id in ids[1:]}
    ran = run_all(hand, 5)
    assert [told[job_id] for job_id in ran[1:]] == [0, 1, 2, 3]
    assert all(workers.position(job_id) is None for job_id in ids)


def test_the_same_job_is_run_once_for_everybody(workers: Workers, hand: Hand) -> None:
    first = workers.submit(spec("same"), "one")
    assert workers.submit(spec("same"), "two") == first
    hand.end()
    assert workers.submit(spec("same"), "three") == first
    assert hand.order == [first]


def test_a_job_is_named_by_its_whole_content() -> None:
    one, other = job(1), job(2)
    assert one.id == job(1).id == digest(one)
    assert len({one.id, other.id, job(1, epochs=3).id, train_job_named("x").id}) == 4


def train_job_named(name: str) -> JobSpec:
    config = RunConfig.model_validate(job(1).payload["config"])
    model = config.model.model_copy(update={"name": name})
    return train_job(config.model_copy(update={"model": model}))


def test_the_queue_has_an_end_and_says_so(workers: Workers) -> None:
    for number in range(7):  # one runs, six wait
        workers.submit(spec(str(number)), "one")
    with pytest.raises(InputError, match="RECSYS_DEMO_QUEUE"):
        workers.submit(spec("one more"), "two")
    workers.submit(spec("3"), "two")  # joining a job takes no place


def test_a_waiting_job_is_cancelled_at_once(workers: Workers, hand: Hand) -> None:
    workers.submit(spec("running"), "one")
    waiting = workers.submit(spec("waiting"), "one")
    assert workers.command(waiting, Command(command="cancel"), "one")
    status = workers.store.status(waiting)
    assert status is not None
    assert status.state == "cancelled"
    hand.end()
    assert waiting not in hand.order


def test_nobody_ends_or_holds_what_others_wait_for(workers: Workers) -> None:
    shared = workers.submit(spec("shared"), "one")
    workers.submit(spec("shared"), "two")
    for command in ("pause", "step", "stop", "cancel"):
        assert not workers.command(shared, Command(command=command), "one")
        assert workers.store.wanted(shared).command == "run"
    # Its share given up, the other is alone with it.
    assert workers.command(shared, Command(command="pause"), "two")
    assert workers.store.wanted(shared).command == "pause"


class Here:
    """The people who are here, and what they have open."""

    def __init__(self, *names: str, has_open: str = "") -> None:
        self.names, self.open = {*names}, has_open

    def is_here(self, visitor: str) -> bool:
        return visitor in self.names

    def has_open(self, name: str) -> bool:
        return name == self.open


def test_who_has_left_does_not_keep_a_job_going(tmp_path: Path, hand: Hand) -> None:
    people = Here("gone", "here")
    workers = Workers(JobStore(tmp_path), [hand], people=people)
    shared = workers.submit(spec("shared"), "gone")
    workers.submit(spec("shared"), "here")
    pause = Command(command="pause")
    assert not workers.command(shared, pause, "here")
    people.names.discard("gone")
    assert workers.command(shared, pause, "here")


@pytest.mark.parametrize("end", ["failed", "cancelled", "lost"])
def test_what_ended_badly_can_be_started_again(workers: Workers, hand: Hand, end: str) -> None:
    job_id = workers.submit(spec("again"), "one")
    hand.end(WorkerDiedError("gone") if end == "lost" else {"state": end, "message": "why"})
    status = workers.store.status(job_id)
    assert status is not None
    assert status.state == end
    assert status.message
    assert workers.submit(spec("again"), "one") == job_id
    assert hand.order == [job_id, job_id]


def test_a_bug_in_a_task_does_not_stop_the_queue(workers: Workers, hand: Hand) -> None:
    broken = workers.submit(spec("broken"), "one")
    after = workers.submit(spec("after"), "one")
    hand.end(ZeroDivisionError("oops"))
    status = workers.store.status(broken)
    assert status is not None
    assert "oops" in status.message
    assert hand.order[-1] == after
    assert workers.load == (1, 1, 0)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DEMO_WORKERS", "3")
    assert JobSettings.from_environment().workers == 3
    monkeypatch.setenv("RECSYS_DEMO_WORKERS", "many")
    with pytest.raises(InputError, match="workers"):
        JobSettings.from_environment()
    monkeypatch.delenv("RECSYS_DEMO_WORKERS")
    monkeypatch.setenv("RECSYS_DEMO_CLUSTER", "dask://scheduler:8786")
    assert grid_runs.cluster() == "dask://scheduler:8786"
    monkeypatch.setenv("RECSYS_DEMO_CLUSTER", "scheduler")
    with pytest.raises(InputError, match="cluster"):
        grid_runs.cluster()


# What a running task sees of its control, in a thread in place of a worker.


class Task:
    """A task of equal steps; `told` counts them."""

    def __init__(self, folder: Path, epoch_steps: int = 3) -> None:
        self.store = JobStore(folder)
        self.id = spec("steps").id
        self.store.claim(spec("steps"))
        self.context = Context(self.store.path(self.id))
        self.steps = 0
        self.end = ""
        self._epoch_steps = epoch_steps
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> Task:
        self._thread.start()
        return self

    def tell(self, command: str, **more: Any) -> None:
        self.store.command(self.id, Command.model_validate({"command": command, **more}))

    def _work(self) -> None:
        try:
            while self.context.check():
                self.steps += 1
                if self.steps % self._epoch_steps == 0:
                    self.context.tell({"type": "epoch", "epoch": self.steps // self._epoch_steps})
                time.sleep(0.001)
            self.end = "stopped"
        except CancelledError:
            self.end = "cancelled"

    def rests_at(self) -> int:
        """The steps done once they do not grow any more."""
        deadline, before = time.monotonic() + PATIENCE, -1
        while self.steps != before:
            assert time.monotonic() < deadline
            before = self.steps
            time.sleep(0.3)
        return self.steps

    def ended(self) -> str:
        self._thread.join(PATIENCE)
        return self.end


@pytest.fixture
def task(tmp_path: Path) -> Iterator[Task]:
    made = Task(tmp_path)
    yield made
    made.tell("cancel")


def test_a_step_is_one_batch_or_the_rest_of_an_epoch(task: Task) -> None:
    task.tell("step", unit="batch", number=1)
    task.start()
    assert task.rests_at() == 1
    assert task.context.is_stepping
    task.tell("step", unit="batch", number=2)
    assert task.rests_at() == 2
    task.tell("step", unit="epoch", number=3)
    assert task.rests_at() == 3
    task.tell("step", unit="epoch", number=4)
    assert task.rests_at() == 6


def test_two_quick_steps_are_two_steps(task: Task) -> None:
    task.tell("step", unit="batch", number=2)
    task.start()
    assert task.rests_at() == 2


def test_pause_holds_and_run_goes_on(task: Task) -> None:
    task.start()
    task.tell("pause")
    held = task.rests_at()
    assert not task.context.is_stepping
    task.tell("run")
    deadline = time.monotonic() + PATIENCE
    while task.steps <= held:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("command", "end"), [("stop", "stopped"), ("cancel", "cancelled")])
@pytest.mark.parametrize("held", [False, True], ids=["running", "paused"])
def test_stop_and_cancel_end_it_also_while_paused(
    task: Task, command: str, end: str, held: bool
) -> None:
    task.start()
    if held:
        task.tell("pause")
        task.rests_at()
    began = time.monotonic()
    task.tell(command)
    assert task.ended() == end
    assert time.monotonic() - began < 2


# Real worker processes.


@pytest.fixture(scope="module")
def executor() -> Iterator[WorkerExecutor]:
    made = WorkerExecutor()
    yield made
    made.shutdown()


def test_a_worker_answers_and_tells_errors(executor: WorkerExecutor) -> None:
    import os.path

    assert executor.submit(os.path.basename, "a/b").result(PATIENCE) == "b"
    with pytest.raises(RuntimeError, match="FileNotFoundError"):
        executor.submit(os.path.getsize, "no such file").result(PATIENCE)
    with pytest.raises(TypeError):
        executor.submit(os.path.basename, p="a")


def test_cancel_of_a_training_takes_less_than_two_seconds(
    tmp_path: Path, executor: WorkerExecutor
) -> None:
    workers = workers_of(tmp_path, executor)
    job_id = workers.submit(job(1, LONG), "tab")
    wait_for(workers, job_id, "running")
    watcher, deadline = Watcher(workers.store), time.monotonic() + PATIENCE
    while not (view := watcher.view(job_id)) or not view.of_type("epoch"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    began = time.monotonic()
    workers.command(job_id, Command(command="cancel"))
    wait_for(workers, job_id, "cancelled")
    assert time.monotonic() - began < 2


def test_batch_steps_are_reported_each_and_change_no_digit(
    tmp_path: Path, executor: WorkerExecutor
) -> None:
    whole = workers_of(tmp_path / "whole", executor)
    plain = whole.submit(job(5), "tab")
    wait_for(whole, plain, "done")
    stepped = workers_of(tmp_path / "stepped", executor)
    job_id = stepped.submit(job(5), "tab")
    stepped.command(job_id, Command(command="step", unit="batch", number=1))
    stepped.command(job_id, Command(command="run"))
    wait_for(stepped, job_id, "done")
    results = [
        Watcher(workers.store).view(name) for workers, name in ((whole, plain), (stepped, job_id))
    ]
    tests = [view.result["test"] for view in results if view is not None and view.result]
    assert len(tests) == 2
    assert tests[0] == tests[1]


class CountingStore(JobStore):
    """Notes whose events were read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reads: list[str] = []

    def events(self, job_id: str, offset: int = 0) -> Events:
        self.reads.append(job_id)
        return super().events(job_id, offset)


def test_the_jobs_nobody_has_looked_at_for_longest_are_forgotten_and_read_again(
    tmp_path: Path,
) -> None:
    store = CountingStore(tmp_path)
    jobs = []
    for number in range(KEPT_JOBS + 1):
        one = spec(f"{number}")
        assert store.claim(one)
        (store.path(one.id) / EVENTS).write_text(json.dumps({"type": "result", "n": number}) + "\n")
        store.set_status(one.id, Status(state="done"))
        jobs.append(one.id)
    watcher = Watcher(store)
    first, second, *others = jobs
    for job_id in (first, second, first, *others):  # the last one drives out the second
        watcher.view(job_id)
    assert store.reads == jobs
    store.reads.clear()
    views = [watcher.view(job_id) for job_id in (first, *others)]
    assert store.reads == []
    again = watcher.view(second)
    assert store.reads == [second]
    results = [view.result for view in (views[0], again, *views[1:]) if view is not None]
    assert results == [{"type": "result", "n": number} for number in range(KEPT_JOBS + 1)]


# Attempts, quotas, and the truth about results.


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def status_of(workers: Workers, job_id: str) -> Status:
    status = workers.store.status(job_id)
    assert status is not None
    return status


def test_a_job_is_not_removed_before_it_has_ended(workers: Workers, hand: Hand) -> None:
    running, waiting = (workers.submit(spec(name), "one") for name in "rw")
    for job_id in (running, waiting):
        with pytest.raises(InputError, match="has not ended"):
            workers.store.forget(job_id)
    run_all(hand, 2)
    workers.store.forget(running)
    assert workers.store.status(running) is None


def test_what_an_attempt_left_behind_ends_is_not_taken_for_the_next(
    workers: Workers, hand: Hand
) -> None:
    """Its folder is removed while it runs, by hand say, and the job is asked for again."""
    job_id = workers.submit(spec("twice"), "one")
    first = status_of(workers, job_id).attempt
    workers.store.clear(job_id)
    assert workers.submit(spec("twice"), "one") == job_id
    second = status_of(workers, job_id).attempt
    assert first != second
    hand.calls[0][1].set_result({"state": "failed", "message": "of the first"})
    assert status_of(workers, job_id).state == "running", "the first one's end says nothing of it"
    hand.end()
    assert status_of(workers, job_id).state == "done"
    assert workers.load == (0, 1, 0)


def test_a_worker_whose_folder_was_removed_says_nothing_is_done(tmp_path: Path) -> None:
    store = JobStore(tmp_path)
    attempt = store.claim(job(1))
    assert attempt is not None
    store.clear(job(1).id)
    assert run_job(str(tmp_path), job(1).id, attempt)["state"] == "lost"
    assert store.claim(job(1)) != attempt
    assert run_job(str(tmp_path), job(1).id, attempt)["state"] == "lost"


@pytest.mark.parametrize("harm", ["log gone", "log cut", "file gone", "file altered"])
def test_done_is_believed_with_its_result_only(tmp_path: Path, harm: str) -> None:
    workers = Workers(JobStore(tmp_path / "jobs"), [Inline()])
    job_id = workers.submit(job(1), "one")
    watcher = Watcher(workers.store)
    view = watcher.view(job_id)
    assert view is not None
    assert view.result is not None
    folder = workers.store.path(job_id)
    log, weights = folder / EVENTS, next(folder.rglob("*.safetensors"))
    match harm:
        case "log gone":
            log.unlink()
        case "log cut":
            log.write_bytes(log.read_bytes()[:-100])
        case "file gone":
            weights.unlink()
        case _:
            weights.write_bytes(weights.read_bytes()[::-1])
    for seen in (watcher.view(job_id), Watcher(JobStore(tmp_path / "jobs")).view(job_id)):
        assert seen is not None
        assert seen.status.state == "lost"
        assert "Start it again" in seen.status.message
        assert seen.result is None
    workers.submit(job(1), "one")
    again = watcher.view(job_id)
    assert again is not None
    assert again.result is not None
    assert again.result["test"] == view.result["test"]


def test_a_done_job_is_done_anew_only_where_that_is_asked_for(workers: Workers, hand: Hand) -> None:
    job_id = workers.submit(spec("anew"), "one")
    workers.submit(spec("anew"), "two", again=True)
    assert len(hand.calls) == 1, "it runs: nothing to do anew"
    hand.end()
    workers.submit(spec("anew"), "one")
    assert len(hand.calls) == 1
    workers.submit(spec("anew"), "one", again=True)
    assert hand.order == [job_id, job_id]


def test_a_browser_has_its_share_of_jobs_and_others_theirs(tmp_path: Path, hand: Hand) -> None:
    workers = Workers(JobStore(tmp_path), [hand], Quota(browser_jobs=3))
    for name in "abc":
        workers.submit(spec(name), "greedy")
    with pytest.raises(InputError, match="press again"):
        workers.submit(spec("d"), "greedy")
    workers.submit(spec("e"), "modest")
    hand.end()
    workers.submit(spec("d"), "greedy")


def test_what_nobody_waits_for_is_cancelled_in_time(tmp_path: Path, hand: Hand) -> None:
    people, clock = Here("gone", "here"), Clock()
    workers = Workers(JobStore(tmp_path), [hand], Quota(gone_seconds=60), people, clock)
    running = workers.submit(spec("running"), "gone")
    waiting = workers.submit(spec("waiting"), "gone")
    shared = workers.submit(spec("shared"), "gone")
    workers.submit(spec("shared"), "here")
    people.names.discard("gone")
    workers.tend()
    clock.now += 59
    workers.tend()
    assert workers.store.wanted(running).command == "run"
    people.names.add("gone")  # for a moment: the time begins again
    workers.tend()
    people.names.discard("gone")
    workers.tend()
    clock.now += 61
    workers.tend()
    assert workers.store.wanted(running).command == "cancel"
    assert status_of(workers, waiting).state == "cancelled"
    hand.end({"state": "cancelled", "message": "Cancelled."})
    assert "60 seconds" in status_of(workers, running).message
    assert status_of(workers, shared).state == "running"


def test_a_job_has_a_longest_time(tmp_path: Path, hand: Hand) -> None:
    clock = Clock()
    workers = Workers(JobStore(tmp_path), [hand], Quota(job_seconds=120), clock=clock)
    job_id = workers.submit(spec("long"), "one")
    clock.now += 121
    workers.tend()
    assert workers.store.wanted(job_id).command == "cancel"
    hand.end({"state": "cancelled", "message": "Cancelled."})
    status = status_of(workers, job_id)
    assert status.state == "failed"
    assert "2 minutes" in status.message
    assert "RECSYS_DEMO_JOB_SECONDS" in status.message


def test_the_disk_quota_refuses_what_cannot_be_kept(tmp_path: Path, hand: Hand) -> None:
    people = Here("one")
    workers = Workers(JobStore(tmp_path / "jobs"), [hand], Quota(disk_bytes=10**6), people)
    job_id = workers.submit(spec("large"), "one")
    (workers.store.path(job_id) / "weights").write_bytes(b"x" * 2 * 10**6)
    people.open = job_id
    hand.end()
    assert status_of(workers, job_id).state == "done", "it is open now, however large"
    with pytest.raises(InputError, match="RECSYS_DEMO_DISK_BYTES"):
        workers.submit(spec("another"), "one")
    people.open = ""
    workers.submit(spec("another"), "one")
    assert workers.store.status(job_id) is None


def test_a_browser_has_its_own_share_of_the_disk(tmp_path: Path, hand: Hand) -> None:
    quota = Quota(browser_disk_bytes=10**6, disk_bytes=10**9)
    people = Here("one")
    workers = Workers(JobStore(tmp_path / "jobs"), [hand], quota, people)

    def trained(name: str, *visitors: str) -> Path:
        ids = {workers.submit(spec(name), visitor) for visitor in visitors}
        folder = workers.store.path(ids.pop())
        (folder / "weights").write_bytes(b"x" * 600_000)
        hand.end()
        return folder

    others, first, shared = trained("a", "two"), trained("b", "one"), trained("c", "one", "two")
    people.open = first.name
    second = trained("d", "one")
    kept = [folder.exists() for folder in (others, first, shared, second)]
    assert kept == [True, True, True, False], "what is open stays"
    with pytest.raises(InputError, match="RECSYS_DEMO_BROWSER_DISK_BYTES"):
        workers.check_disk("one", 500_000)
    workers.check_disk("two", 300_000)
    upload = tmp_path / "uploads" / "0f"
    upload.mkdir(parents=True)
    (upload / "log.csv").write_bytes(b"x" * 10**6)
    workers.own("0f", "three")
    workers.tidy()
    assert not upload.exists()


def test_workers_find_the_package_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    executor = WorkerExecutor()
    try:
        assert executor.submit(os.path.basename, "a/b").result(PATIENCE) == "b"
        # A worker that was ended while idle is no harm to the next call.
        executor.kill()
        assert executor.submit(os.getcwd).result(PATIENCE) == str(tmp_path)
    finally:
        executor.shutdown()


@pytest.mark.parametrize(
    ("may_write", "told", "expected"),
    [(True, "", None), (False, "", "compiled"), (False, "/elsewhere", None)],
)
def test_workers_keep_compiled_code_where_it_can_be_kept(
    may_write: bool,
    told: str,
    expected: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: may_write)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    if told:
        monkeypatch.setenv("NUMBA_CACHE_DIR", told)
    place = {} if expected is None else {"NUMBA_CACHE_DIR": str(tmp_path / expected)}
    assert place_of_code(tmp_path) == place
