"""A fair queue in front of some executors."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

from pydantic import Field

from recsys_demo.errors import InputError, Problem
from recsys_demo.jobs.cleaning import clean
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor
from recsys_demo.jobs.store import Command, JobSpec, JobStore, Status
from recsys_demo.jobs.tasks import DONE_AGAIN
from recsys_demo.jobs.worker import run_job
from recsys_demo.limits import PREFIX
from recsys_demo.values import Frozen, validated

TRIES = 3


class JobSettings(Frozen):
    """Environment variables set these: `RECSYS_DEMO_` and the name in capitals."""

    workers: int = Field(
        default_factory=lambda: min(4, os.cpu_count() or 1),
        ge=1,
        le=64,
        description="worker processes: one core each",
    )
    queue: int = Field(200, ge=1, le=100_000, description="jobs that may wait at once")
    home: Path = Field(Path(".lab"), description="folder of jobs, runs and uploads")
    disk_bytes: int = Field(
        20_000_000_000,
        ge=1_000_000,
        description="size of all jobs and uploads; what nobody wanted for longest goes first",
    )
    cluster: str = Field(
        "",
        pattern=r"^(dask://[A-Za-z0-9._-]+:\d{1,5})?$",
        description="Dask scheduler for grids, as dask://HOST:PORT",
    )

    @classmethod
    def from_environment(cls) -> JobSettings:
        """The defaults, overridden by the environment. Raises InputError."""
        given = {
            name: os.environ[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in os.environ
        }
        return validated(cls, given, "environment")


class Workers:
    """Runs jobs of a store on executors; sessions take turns, equal jobs are run once."""

    def __init__(
        self,
        store: JobStore,
        executors: Sequence[Executor],
        queue: int,
        disk_bytes: int | None = None,
    ) -> None:
        self.store = store
        self._disk_bytes = disk_bytes
        self._free = list(executors)
        self._executors = list(executors)
        self._limit = queue
        self._waiting: OrderedDict[str, deque[str]] = OrderedDict()
        self._running: set[str] = set()
        self._lost: Counter[str] = Counter()
        # Sessions that started or joined a job which has not ended.
        self._sharing: dict[str, set[str]] = {}
        self._lock = threading.RLock()

    def submit(self, spec: JobSpec, session: str) -> str:
        """Start a job, or join it if it is known; returns its id.

        Raises InputError when too many jobs wait or nothing can be written.
        """
        with self._lock, self.store.exclusive():
            status = self.store.status(spec.id)
            if status is not None and status.state in ("queued", "running", "done"):
                self.store.touch(spec.id)
                if not status.has_ended:
                    self._sharing.setdefault(spec.id, set()).add(session)
                return spec.id
            self.store.forget(spec.id)  # also what a killed server left before it had a status
            if sum(map(len, self._waiting.values())) >= self._limit:
                raise InputError(
                    Problem(
                        what="too many jobs are waiting",
                        where="queue",
                        got=f"{self._limit} jobs",
                        expected="fewer",
                        remedy="Wait for some to end, or raise RECSYS_DEMO_QUEUE.",
                    )
                )
            if self.store.claim(spec):
                self._sharing[spec.id] = {session}
                self._waiting.setdefault(session, deque()).append(spec.id)
                self._dispatch()
        return spec.id

    def position(self, job_id: str) -> int | None:
        """How many jobs go before a waiting one, None if it is not waiting here."""
        with self._lock:
            order = self._turns()
            return order.index(job_id) if job_id in order else None

    def command(
        self,
        job_id: str,
        command: Command,
        session: str | None = None,
        is_here: Callable[[str], bool] = lambda _: True,
    ) -> bool:
        """Pause, step, stop or cancel a job, waiting or running.

        False if the job goes on because other sessions, still here, want it too; a cancel then
        only ends this session's share in it.
        """
        with self._lock:
            sharing = self._sharing.get(job_id, set())
            others = [other for other in sharing if other != session and is_here(other)]
            if session is not None and command.command != "run" and others:
                if command.command == "cancel":
                    sharing.discard(session)
                return False
            if command.command in ("cancel", "stop") and self._remove(job_id):
                self._end(job_id, "cancelled", "Cancelled before it began.")
            else:
                self.store.command(job_id, command)
            return True

    @property
    def load(self) -> tuple[int, int, int]:
        """Running jobs, workers, waiting jobs."""
        with self._lock:
            return len(self._running), len(self._executors), sum(map(len, self._waiting.values()))

    @property
    def sessions(self) -> int:
        """How many sessions have a job running or waiting."""
        with self._lock:
            unfinished = [*self._running, *(job for jobs in self._waiting.values() for job in jobs)]
            return len(set().union(*(self._sharing.get(job, ()) for job in unfinished)))

    def shutdown(self) -> None:
        """End all workers."""
        for executor in self._executors:
            executor.shutdown(wait=False)

    def _turns(self) -> list[str]:
        """Waiting jobs in the order in which they will run: one of each session in turn."""
        queues = [list(jobs) for jobs in self._waiting.values()]
        longest = max(map(len, queues), default=0)
        return [jobs[turn] for turn in range(longest) for jobs in queues if turn < len(jobs)]

    def _remove(self, job_id: str) -> bool:
        for jobs in self._waiting.values():
            if job_id in jobs:
                jobs.remove(job_id)
                return True
        return False

    def _dispatch(self) -> None:
        while self._free and any(self._waiting.values()):
            session, jobs = next(iter(self._waiting.items()))
            self._waiting.move_to_end(session)
            if not jobs:
                del self._waiting[session]
                continue
            job_id, executor = jobs.popleft(), self._free.pop()
            self._running.add(job_id)
            self._begin(job_id)
            future = executor.submit(run_job, str(self.store.folder), job_id)
            future.add_done_callback(self._when_done(job_id, executor))

    def _begin(self, job_id: str) -> None:
        status = self.store.status(job_id) or Status(state="queued")
        changed = status.model_copy(update={"state": "running", "started": time.time()})
        self.store.set_status(job_id, changed)

    def _when_done(
        self, job_id: str, executor: Executor
    ) -> Callable[[Future[dict[str, str]]], None]:
        def done(future: Future[dict[str, str]]) -> None:
            with self._lock:
                ended: dict[str, str] | None
                try:
                    ended = future.result()
                except WorkerDiedError:
                    ended = self._without_worker(job_id)
                except Exception as error:  # a bug in a task must not stop the queue
                    ended = {"state": "failed", "message": f"Unexpected error: {error}"}
                self._running.discard(job_id)
                if ended is not None:
                    self._end(job_id, ended["state"], ended["message"])
                self._free.append(executor)
                self._dispatch()
            if self._disk_bytes is not None:
                clean(self.store, self._disk_bytes)

        return done

    def _without_worker(self, job_id: str) -> dict[str, str] | None:
        """How a job ends whose worker died; None if it waits again, before all others."""
        spec = self.store.spec(job_id)
        self._lost[job_id] += 1
        if spec is not None and spec.task in DONE_AGAIN and self._lost[job_id] < TRIES:
            session = min(self._sharing.get(job_id) or {""})
            self._waiting.setdefault(session, deque()).appendleft(job_id)
            status = self.store.status(job_id) or Status(state="queued")
            self.store.set_status(job_id, status.model_copy(update={"state": "queued"}))
            return None
        return {
            "state": "lost",
            "message": "The worker process was ended from outside, perhaps for lack of memory. "
            "Nothing else was harmed; start it again.",
        }

    def _end(self, job_id: str, state: str, message: str) -> None:
        self._lost.pop(job_id, None)
        self._sharing.pop(job_id, None)
        status = self.store.status(job_id) or Status(state="queued")
        update = {"state": state, "message": message, "ended": time.time()}
        self.store.set_status(job_id, status.model_copy(update=update))


def local_workers(settings: JobSettings) -> Workers:
    """Warm worker processes of this machine; they end with this process."""
    store = JobStore(settings.home / "jobs")
    executors = [WorkerExecutor() for _ in range(settings.workers)]
    workers = Workers(store, executors, settings.queue, settings.disk_bytes)
    atexit.register(workers.shutdown)
    return workers
