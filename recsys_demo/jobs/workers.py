"""A fair queue in front of some executors."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path

from pydantic import Field

from recsys_demo.data.schema import Frozen, validated
from recsys_demo.errors import InputError, Problem
from recsys_demo.jobs.cleaning import clean
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor
from recsys_demo.jobs.store import Command, JobSpec, JobStore, Status
from recsys_demo.jobs.worker import run_job
from recsys_demo.limits import PREFIX


class JobSettings(Frozen):
    """`RECSYS_DEMO_WORKERS`, `RECSYS_DEMO_QUEUE` and so on set these."""

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
        self._lock = threading.RLock()

    def submit(self, spec: JobSpec, session: str) -> str:
        """Start a job, or join it if it is known; returns its id.

        Raises InputError when too many jobs wait or nothing can be written.
        """
        with self._lock, self.store.exclusive():
            status = self.store.status(spec.id)
            if status is not None and status.state in ("queued", "running", "done"):
                self.store.touch(spec.id)
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
                self._waiting.setdefault(session, deque()).append(spec.id)
                self._dispatch()
        return spec.id

    def position(self, job_id: str) -> int | None:
        """How many jobs go before a waiting one, None if it is not waiting here."""
        with self._lock:
            order = self._turns()
            return order.index(job_id) if job_id in order else None

    def command(self, job_id: str, command: Command) -> None:
        """Pause, step, stop or cancel a job, waiting or running."""
        with self._lock:
            if command.command in ("cancel", "stop") and self._remove(job_id):
                self._end(job_id, "cancelled", "Cancelled before it began.")
            else:
                self.store.command(job_id, command)

    @property
    def load(self) -> tuple[int, int, int]:
        """Running jobs, workers, waiting jobs."""
        with self._lock:
            return len(self._running), len(self._executors), sum(map(len, self._waiting.values()))

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
                try:
                    ended = future.result()
                except WorkerDiedError:
                    ended = {
                        "state": "lost",
                        "message": "The worker process was ended from outside, perhaps for lack "
                        "of memory. Nothing else was harmed; start it again.",
                    }
                except Exception as error:  # a bug in a task must not stop the queue
                    ended = {"state": "failed", "message": f"Unexpected error: {error}"}
                self._running.discard(job_id)
                self._end(job_id, ended["state"], ended["message"])
                self._free.append(executor)
                self._dispatch()
            if self._disk_bytes is not None:
                clean(self.store, self._disk_bytes)

        return done

    def _end(self, job_id: str, state: str, message: str) -> None:
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
