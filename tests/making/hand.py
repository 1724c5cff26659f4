"""An executor whose calls end when the test says so, and jobs of a name only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from recsys_demo.jobs.store import EVENTS, JobSpec

DONE = {"state": "done", "message": ""}


class Hand(Executor):
    """An executor whose calls end when the test says so."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Future[Any]]] = []
        self.folders: list[Path] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.calls.append((args[1], future))
        self.folders.append(Path(args[0]) / args[1])
        return future

    @property
    def order(self) -> list[str]:
        return [job_id for job_id, _ in self.calls]

    def end(self, outcome: dict[str, str] | Exception = DONE, call: int = -1) -> None:
        future = self.calls[call][1]
        if outcome == DONE:
            (self.folders[call] / EVENTS).write_text('{"type": "result"}\n')
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def spec(name: str) -> JobSpec:
    return JobSpec(task="train", payload={"name": name})
