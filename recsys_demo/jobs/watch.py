"""What is known of jobs, read from their files once for everybody who watches."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from recsys_demo.jobs.store import JobStore, Status

# A training's log takes a tenth of a megabyte here, a millisecond to read again.
KEPT_JOBS = 64


@dataclass(frozen=True)
class JobView:
    """A job as it stands now. `position` counts the jobs before a waiting one."""

    id: str
    status: Status
    events: list[dict[str, Any]]
    position: int | None = None

    def of_type(self, name: str) -> list[dict[str, Any]]:
        """Its events of one type, oldest first."""
        return [event for event in self.events if event.get("type") == name]

    @property
    def result(self) -> dict[str, Any] | None:
        """What a finished job ended with."""
        return self.events[-1] if self.status.state == "done" and self.events else None


@dataclass
class _Log:
    events: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0
    attempt: str = ""
    ended: Status | None = None
    stamp: tuple[int, int] | None = None


class Watcher:
    """Reads each event of each job once; ended jobs cost nothing. Those that nobody has looked at
    for longest are forgotten, and read again when somebody does."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._logs: OrderedDict[str, _Log] = OrderedDict()
        self._lock = threading.Lock()

    def view(self, job_id: str, position: int | None = None) -> JobView | None:
        """The job now, None if there is no such job."""
        with self._lock:
            log = self._logs.get(job_id)
            stamp = self._store.stamp(job_id)
            if log is not None:
                self._logs.move_to_end(job_id)
            ended = log.ended if log is not None and log.stamp == stamp else None
            if log is not None and ended is not None and self._store.holds(job_id, ended):
                return JobView(job_id, ended, log.events)
            status = self._store.status(job_id)
            if status is None:
                self._logs.pop(job_id, None)
                return None
            if log is None or log.attempt != status.attempt:
                log = self._logs[job_id] = _Log(attempt=status.attempt)
                while len(self._logs) > KEPT_JOBS:
                    self._logs.popitem(last=False)
            read = self._store.events(job_id, log.offset)
            log.events = [*log.events, *read.events]
            log.offset = read.offset
            log.ended = status if status.has_ended else None
            log.stamp = stamp
            return JobView(job_id, status, log.events, position)
