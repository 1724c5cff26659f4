"""Jobs of a server on its executors: in fair turns, within quotas, no attempt taken for another."""

from __future__ import annotations

import atexit
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any

from recsys_demo.jobs.cleaning import Owners, clean
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor
from recsys_demo.jobs.people import Anybody, People
from recsys_demo.jobs.refusals import (
    LOST,
    full_disk,
    full_queue,
    full_share,
    nobody_waits,
    too_many_jobs,
    took_too_long,
)
from recsys_demo.jobs.settings import JobSettings, Quota
from recsys_demo.jobs.store import Command, JobSpec, JobStore, Status
from recsys_demo.jobs.tasks import DONE_AGAIN, MANY_RUNS, TRIES
from recsys_demo.jobs.turns import Turns
from recsys_demo.jobs.worker import run_job

# Who looks at its control hears of it within a step; who does not is ended from outside after this.
# A training that makes its data ready looks between the stages: a new worker would take longer.
GRACE_SECONDS = 4.0
TEND_SECONDS = 0.5


@dataclass(eq=False)
class _Attempt:
    """One start of a job, from the queue to its end; times are those of the queue's clock. Once
    the queue wants it to end, `ending` says how: fields of its last status."""

    job_id: str
    name: str
    task: str
    visitors: set[str]
    executor: Executor | None = None
    began: float = 0.0
    alone_since: float | None = None
    ending: dict[str, Any] = field(default_factory=dict)
    told: float = 0.0
    lost: int = 0


class Workers:
    """Runs jobs of a store on executors; visitors take turns, equal jobs are run once."""

    def __init__(
        self,
        store: JobStore,
        executors: Sequence[Executor],
        quota: Quota | None = None,
        people: People | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._quota = quota or Quota()
        self._people = people or Anybody()
        self._clock = clock
        self._free = list(executors)
        self._executors = list(executors)
        self._turns = Turns()
        self._attempts: dict[str, _Attempt] = {}
        self._owners = Owners()
        self._disk_used: Counter[str] = Counter()
        self._lock = threading.RLock()

    def submit(
        self, spec: JobSpec, visitor: str, again: bool = False, first: Command | None = None
    ) -> str:
        """Start a job, or join it if it is known; returns its id. With `again` one that is done is
        started anew; one that starts finds the command `first`.

        Raises InputError where the server or this visitor has too many jobs, or the disk is full.
        """
        self.check_disk(visitor)
        self._owners.own(spec.id, visitor)
        with self._lock, self.store.exclusive():
            status = self.store.status(spec.id)
            if status is not None and (not status.has_ended or _is_wanted(status, again)):
                self.store.touch(spec.id)
                if not status.has_ended and spec.id in self._attempts:
                    self._attempts[spec.id].visitors.add(visitor)
                return spec.id
            self._check_queue(visitor)
            self._abandon(spec.id)
            self.store.clear(spec.id)  # also what a killed server left before it had a status
            if (name := self.store.claim(spec)) is not None:
                self._attempts[spec.id] = _Attempt(spec.id, name, spec.task, {visitor})
                if first is not None:  # told later, a short job would have ended
                    self.store.command(spec.id, first)
                self._turns.add(visitor, spec.id)
                self._dispatch()
        return spec.id

    def position(self, job_id: str) -> int | None:
        """How many jobs go before a waiting one, None if it is not waiting here."""
        with self._lock:
            order = self._turns.order()
            return order.index(job_id) if job_id in order else None

    def command(self, job_id: str, command: Command, visitor: str | None = None) -> bool:
        """Pause, step, stop or cancel a job, waiting or running.

        False if the job goes on because other visitors, still here, want it too; a cancel then
        only ends this visitor's share in it.
        """
        with self._lock:
            attempt = self._attempts.get(job_id)
            wanting = attempt.visitors if attempt is not None else set()
            others = [v for v in wanting if v != visitor and self._people.is_here(v)]
            if visitor is not None and command.command != "run" and others:
                if command.command == "cancel":
                    wanting.discard(visitor)
                return False
            if attempt is not None and command.command in ("cancel", "stop"):
                if self._turns.remove(job_id):
                    self._end(attempt, "cancelled", "Cancelled before it began.")
                    return True
                if command.command == "cancel":
                    self._cancel(attempt, "cancelled", "Cancelled.")
                    return True
            self.store.command(job_id, command)
            return True

    def tend(self) -> None:
        """End what is over its time, what nobody waits for any more and what does not hear that it
        shall end. To be called now and then."""
        now = self._clock()
        with self._lock:
            for attempt in list(self._attempts.values()):
                if any(map(self._people.is_here, attempt.visitors)):
                    attempt.alone_since = None
                elif attempt.alone_since is None:
                    attempt.alone_since = now
                self._tend(attempt, now)

    @property
    def load(self) -> tuple[int, int, int]:
        """Running jobs, workers, waiting jobs."""
        with self._lock:
            waiting = len(self._turns)
            return len(self._attempts) - waiting, len(self._executors), waiting

    @property
    def visitors(self) -> int:
        """How many visitors have a job running or waiting."""
        with self._lock:
            return len(set().union(*(attempt.visitors for attempt in self._attempts.values())))

    def tidy(self) -> None:
        """Keep the disk below its quotas."""
        quota = self._quota
        self._disk_used = clean(
            self.store,
            quota.disk_bytes,
            self._people.has_open,
            self._owners,
            quota.browser_disk_bytes,
        )

    def own(self, name: str, visitor: str) -> None:
        """This visitor has brought the upload of this name."""
        self._owners.own(name, visitor)

    def check_disk(self, visitor: str, more: int = 0) -> None:
        """Raises InputError while what is in use, and `more` bytes, take all the space there may
        be, or all that this visitor may have."""
        if self._is_full(visitor, more):
            self.tidy()
        if self._disk_used.total() >= self._quota.disk_bytes:
            raise full_disk(self._disk_used.total())
        if self._is_full(visitor, more):
            raise full_share(self._disk_used[visitor], more)

    def _is_full(self, visitor: str, more: int) -> bool:
        quota, used = self._quota, self._disk_used
        is_above = used[visitor] + more >= quota.browser_disk_bytes
        return used.total() >= quota.disk_bytes or is_above

    def shutdown(self) -> None:
        """End all workers."""
        for executor in self._executors:
            executor.shutdown(wait=False)

    def _check_queue(self, visitor: str) -> None:
        """Raises InputError where there is no place for one more job of this visitor."""
        mine = sum(visitor in attempt.visitors for attempt in self._attempts.values())
        if mine >= self._quota.browser_jobs:
            raise too_many_jobs(mine)
        if len(self._turns) >= self._quota.queue:
            raise full_queue(len(self._turns))

    def _abandon(self, job_id: str) -> None:
        """An attempt whose folder was removed under it: what it does has no place any more."""
        attempt = self._attempts.pop(job_id, None)
        if attempt is not None and not self._turns.remove(job_id):
            _kill(attempt)

    def _dispatch(self) -> None:
        while self._free and len(self._turns):
            attempt = self._attempts[self._turns.take()]
            attempt.executor, attempt.began = self._free.pop(), self._clock()
            self._set(attempt, state="running", started=time.time())
            future = attempt.executor.submit(
                run_job, str(self.store.folder), attempt.job_id, attempt.name
            )
            future.add_done_callback(self._when_done(attempt, attempt.executor))

    def _when_done(
        self, attempt: _Attempt, executor: Executor
    ) -> Callable[[Future[dict[str, Any]]], None]:
        def done(future: Future[dict[str, Any]]) -> None:
            with self._lock:
                ended: dict[str, Any] | None
                try:
                    ended = future.result()
                except WorkerDiedError:
                    ended = self._without_worker(attempt)
                except Exception as error:  # a bug in a task must not stop the queue
                    ended = {"state": "failed", "message": f"Unexpected error: {error}"}
                if ended is not None:
                    # What is done is done, also if it was told to end meanwhile.
                    self._end(
                        attempt, **(ended if ended["state"] == "done" else ended | attempt.ending)
                    )
                self._free.append(executor)
                self._dispatch()
            self.tidy()

        return done

    def _without_worker(self, attempt: _Attempt) -> dict[str, Any] | None:
        """How a job ends whose worker died; None if it waits again, before all others."""
        attempt.lost += 1
        again = attempt.task in DONE_AGAIN and attempt.lost < TRIES and not attempt.ending
        if again and self._is_current(attempt):
            attempt.executor = None
            self._turns.add_first(min(attempt.visitors, default=""), attempt.job_id)
            self._set(attempt, state="queued")
            return None
        return {"state": "lost", "message": LOST}

    def _tend(self, attempt: _Attempt, now: float) -> None:
        quota = self._quota
        if attempt.ending:
            if now - attempt.told > GRACE_SECONDS:
                _kill(attempt)
        elif attempt.alone_since is not None and now - attempt.alone_since > quota.gone_seconds:
            self._cancel(attempt, "cancelled", nobody_waits(quota.gone_seconds))
        elif attempt.executor is None or attempt.task in MANY_RUNS:
            return
        elif now - attempt.began > quota.job_seconds:
            self._cancel(attempt, "failed", took_too_long(quota.job_seconds))

    def _cancel(self, attempt: _Attempt, state: str, message: str) -> None:
        """Have it end so. Raises InputError where its control cannot be written."""
        if self._turns.remove(attempt.job_id):
            self._end(attempt, state, message)
            return
        attempt.ending, attempt.told = {"state": state, "message": message}, self._clock()
        self.store.command(attempt.job_id, Command(command="cancel"))

    def _end(self, attempt: _Attempt, state: str, message: str, **more: Any) -> None:
        self._set(attempt, state=state, message=message, ended=time.time(), **more)
        if self._is_current(attempt):
            del self._attempts[attempt.job_id]

    def _is_current(self, attempt: _Attempt) -> bool:
        return self._attempts.get(attempt.job_id) is attempt

    def _set(self, attempt: _Attempt, **update: Any) -> None:
        """Say how far the attempt is, unless another has taken its place."""
        status = self.store.status(attempt.job_id) or Status(state="queued", attempt=attempt.name)
        if self._is_current(attempt) and status.attempt == attempt.name:
            self.store.set_status(attempt.job_id, status.model_copy(update=update))


def local_workers(settings: JobSettings, people: People) -> Workers:
    """Warm worker processes of this machine; they end with this process."""
    store = JobStore(settings.home / "jobs")
    executors = [WorkerExecutor(home=settings.home) for _ in range(settings.workers)]
    workers = Workers(store, executors, settings, people)
    workers.tidy()
    atexit.register(workers.shutdown)
    threading.Thread(target=_tend_for_ever, args=(workers,), daemon=True).start()
    return workers


def _tend_for_ever(workers: Workers) -> None:
    while True:
        time.sleep(TEND_SECONDS)
        workers.tend()


def _is_wanted(status: Status, again: bool) -> bool:
    return status.state == "done" and not again


def _kill(attempt: _Attempt) -> None:
    """End the worker process that is at it. A worker of another machine is waited for."""
    if isinstance(attempt.executor, WorkerExecutor):
        attempt.executor.kill()
