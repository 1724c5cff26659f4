"""Jobs: one for all who want the same, in fair turns, steered from outside."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError
from recsys_demo.jobs.context import CancelledError, Context
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor
from recsys_demo.jobs.store import EVENTS, Command, Events, JobSpec, JobStore, Status
from recsys_demo.jobs.training_task import train_job
from recsys_demo.jobs.watch import KEPT_JOBS, Watcher
from recsys_demo.jobs.workers import JobSettings, Workers
from recsys_demo.values import digest
from tests.making.faults import LONG, PATIENCE, job, wait_for, workers_of

DONE = {"state": "done", "message": ""}


class Hand(Executor):
    """An executor whose calls end when the test says so."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Future[Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.calls.append((args[1], future))
        return future

    @property
    def order(self) -> list[str]:
        return [job_id for job_id, _ in self.calls]

    def end(self, outcome: dict[str, str] | Exception = DONE) -> None:
        future = self.calls[-1][1]
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def spec(name: str) -> JobSpec:
    return JobSpec(task="train", payload={"name": name})


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def workers(tmp_path: Path, hand: Hand) -> Workers:
    return Workers(JobStore(tmp_path), [hand], queue=6)


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


def test_who_has_left_does_not_keep_a_job_going(workers: Workers) -> None:
    shared = workers.submit(spec("shared"), "before the refresh")
    workers.submit(spec("shared"), "after it")
    pause = Command(command="pause")
    assert not workers.command(shared, pause, "after it")
    assert workers.command(shared, pause, "after it", lambda session: session == "after it")


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


def test_a_dask_cluster_takes_the_place_of_the_local_workers(
    tmp_path: Path, executor: WorkerExecutor
) -> None:
    """The same jobs on two processes of a cluster give the same digits as here."""
    from distributed import Client, LocalCluster

    here = workers_of(tmp_path / "here", executor)
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
        Client(cluster) as client,
    ):
        there = workers_of(tmp_path / "there", *(client.get_executor(pure=False) for _ in "ab"))
        ids = [there.submit(job(seed), f"tab {seed}") for seed in (1, 2, 3)]
        for job_id in ids:
            wait_for(there, job_id, "done")
    for seed, job_id in zip((1, 2, 3), ids, strict=True):
        assert here.submit(job(seed), "tab") == job_id
        wait_for(here, job_id, "done")
        views = [Watcher(workers.store).view(job_id) for workers in (here, there)]
        results = [view.result["test"] for view in views if view is not None and view.result]
        assert results[0] == results[1]


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
