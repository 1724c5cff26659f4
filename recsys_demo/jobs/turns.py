"""Fair turns: waiting jobs in the order in which they run, one of each visitor in turn."""

from __future__ import annotations

from collections import OrderedDict, deque


class Turns:
    """Waiting jobs of each visitor, oldest first."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[str]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, visitor: str, job_id: str) -> None:
        """Behind this visitor's other jobs."""
        self._waiting.setdefault(visitor, deque()).append(job_id)

    def add_first(self, visitor: str, job_id: str) -> None:
        """Before this visitor's other jobs."""
        self._waiting.setdefault(visitor, deque()).appendleft(job_id)

    def remove(self, job_id: str) -> bool:
        """Whether the job was waiting; it does not wait any more."""
        for jobs in self._waiting.values():
            if job_id in jobs:
                jobs.remove(job_id)
                return True
        return False

    def take(self) -> str:
        """The next job. Raises IndexError if none waits."""
        while self._waiting:
            visitor, jobs = next(iter(self._waiting.items()))
            self._waiting.move_to_end(visitor)
            if jobs:
                return jobs.popleft()
            del self._waiting[visitor]
        raise IndexError("no job waits")

    def order(self) -> list[str]:
        """All waiting jobs in the order in which they will run."""
        queues = [list(jobs) for jobs in self._waiting.values()]
        longest = max(map(len, queues), default=0)
        return [jobs[turn] for turn in range(longest) for jobs in queues if turn < len(jobs)]
