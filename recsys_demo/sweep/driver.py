"""A sweep as a generator of events: what is there is found, what is missing is trained."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any, Literal

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import LabError
from recsys_demo.jobs.tasks import TRIES
from recsys_demo.sweep.places import Place
from recsys_demo.sweep.records import Record, Records, record_key, without_name


@dataclass(frozen=True, eq=False)
class RunFound:
    """The run was trained before."""

    record: Record
    type: Literal["found"] = "found"


@dataclass(frozen=True)
class RunStarted:
    """A worker has got the run."""

    key: str
    config: RunConfig
    type: Literal["started"] = "started"


@dataclass(frozen=True, eq=False)
class RunDone:
    """The run is trained and kept."""

    record: Record
    type: Literal["done"] = "done"


@dataclass(frozen=True)
class RunLost:
    """Its worker is gone; the run will be done again."""

    key: str
    config: RunConfig
    tries: int
    type: Literal["lost"] = "lost"


@dataclass(frozen=True)
class RunFailed:
    """The run cannot be done: its data or settings are bad, or it lost its worker too often."""

    key: str
    config: RunConfig
    message: str
    type: Literal["failed"] = "failed"


SweepEvent = RunFound | RunStarted | RunDone | RunLost | RunFailed


@dataclass
class _Task:
    key: str
    config: RunConfig
    tries: int = 0


def sweep(
    configs: Iterable[RunConfig],
    records: Records,
    place: Place,
    control: Callable[[], bool] = lambda: True,
) -> Iterator[SweepEvent]:
    """Train every configuration that has no record yet, in this order, each once.

    `control` is asked before a run is given to a worker; it may wait while a person pauses, and
    False ends the sweep: runs in progress are finished and kept, no other is begun. Raises
    InputError, before anything is trained, if the data are gone or no records can be written.
    """
    records.prepare()
    tasks: deque[_Task] = deque()
    for key, config in {record_key(c): without_name(c) for c in configs}.items():
        record = records.get(key)
        if record is None:
            tasks.append(_Task(key, config))
        else:
            yield RunFound(record)
    running: dict[Future[Any], _Task] = {}
    going = True
    while (tasks and going) or running:
        while tasks and len(running) < place.slots() and (going := control()):
            task = tasks.popleft()
            task.tries += 1
            running[place.submit(task.config, task.key)] = task
            yield RunStarted(task.key, task.config)
        if not running:
            break
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield _ended(future, running.pop(future), tasks, place)


def _ended(future: Future[Any], task: _Task, tasks: deque[_Task], place: Place) -> SweepEvent:
    """What a run came to; it is lined up again if its worker is gone."""
    try:
        return RunDone(place.record(task.key, future))
    except LabError as error:
        return RunFailed(task.key, task.config, str(error))
    except Exception as error:
        if not place.lost(error):
            # One run that fails in a way nobody thought of must not end a hundred others.
            return RunFailed(task.key, task.config, f"{type(error).__name__}: {error}")
        if task.tries >= TRIES:
            message = (
                f"{TRIES} workers were lost with this run; it may need more memory than they have."
            )
            return RunFailed(task.key, task.config, message)
        tasks.appendleft(task)
        return RunLost(task.key, task.config, task.tries)
