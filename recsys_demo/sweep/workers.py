"""Where runs are trained: processes of this machine, or a Dask cluster. Same digits either way."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from typing import Any, ParamSpec, Protocol, TypeVar

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.sweep.package import Package, pack
from recsys_demo.sweep.records import Trained
from recsys_demo.sweep.worker import start_worker

DASK = "dask://"
CONNECT_SECONDS = 10
P = ParamSpec("P")
T = TypeVar("T")
TrainRecord = Callable[[RunConfig, str, Package | None], Trained]


class LocalPool(Executor):
    """Warm worker processes, each in a pool of its own: one that dies takes only its own task with
    it, and is replaced when the next task comes."""

    def __init__(self, processes: int) -> None:
        self._pools = [_pool() for _ in range(processes)]
        self._tasks: list[Future[Any] | None] = [None] * processes

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Give a task to an idle process, or to the first if none is idle."""
        index = next((i for i, t in enumerate(self._tasks) if t is None or t.done()), 0)
        try:
            future = self._pools[index].submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self._pools[index].shutdown(wait=False)
            self._pools[index] = _pool()
            future = self._pools[index].submit(fn, *args, **kwargs)
        self._tasks[index] = future
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        for pool in self._pools:
            pool.shutdown(wait=wait, cancel_futures=cancel_futures)


def _pool() -> ProcessPoolExecutor:
    # A forked child would inherit torch's threads in an unknown state.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=start_worker)


class Workers(Protocol):
    """What a sweep needs to know of the place where its runs are trained."""

    def slots(self) -> int:
        """How many runs can be trained at once."""

    def submit(self, train: TrainRecord, config: RunConfig, key: str) -> Future[Trained]:
        """Begin a run."""

    def lost(self, error: BaseException) -> bool:
        """Whether this error means that the worker is gone, not that the run is bad."""

    def close(self) -> None:
        """Give back what was taken."""


class LocalWorkers:
    """An executor whose workers read the same files as this process."""

    def __init__(self, executor: Executor | None = None, processes: int | None = None) -> None:
        self._slots = processes or default_processes()
        self._own = executor is None
        self._executor = executor or LocalPool(self._slots)

    def slots(self) -> int:
        return self._slots

    def submit(self, train: TrainRecord, config: RunConfig, key: str) -> Future[Trained]:
        return self._executor.submit(train, config, key, None)

    def lost(self, error: BaseException) -> bool:
        return isinstance(error, BrokenExecutor | CancelledError)

    def close(self) -> None:
        if self._own:
            self._executor.shutdown(wait=True, cancel_futures=True)


class DaskWorkers:
    """The workers of a Dask cluster. The files of the data go to each worker once: they are
    scattered as one object that Dask keeps there, and every run refers to it."""

    def __init__(self, address: str) -> None:
        import distributed

        connect: Any = distributed.Client  # Dask leaves it without types
        try:
            self.client: Any = connect(address, timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise _no_cluster(address, str(error) or type(error).__name__) from None
        self._address = address
        self._executor: Executor = self.client.get_executor(pure=False)
        self._packages: dict[str, Any] = {}

    def slots(self) -> int:
        threads: dict[str, int] = self.client.nthreads()
        return max(1, sum(threads.values()))

    def submit(self, train: TrainRecord, config: RunConfig, key: str) -> Future[Trained]:
        return self._executor.submit(train, config, key, self._package(config))

    def lost(self, error: BaseException) -> bool:
        from distributed import CancelledError as DaskCancelledError
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        gone = (KilledWorker, DaskCancelledError, CancelledError, CommClosedError)
        return isinstance(error, gone)

    def close(self) -> None:
        self._packages.clear()
        self.client.close()

    def _package(self, config: RunConfig) -> Any:
        """The data as they lie on the workers; sent again only if all who had them are gone."""
        name = config.data.model_dump_json() + config.split.model_dump_json()
        there = self._packages.get(name)
        if name not in self._packages or (there is not None and there.status != "finished"):
            package = pack(config.data, config.split)
            self._packages[name] = package and self._scattered(package)
        return self._packages[name]

    def _scattered(self, package: Package) -> Any:
        try:
            return self.client.scatter(package, broadcast=True, timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError) as error:
            raise _no_cluster(self._address, f"no worker ({error})") from None


def default_processes() -> int:
    """One worker process per core."""
    return max(1, os.cpu_count() or 1)


def workers_at(executor: str) -> Workers:
    """`local`, `local:N` for N processes, or `dask://HOST:PORT`. Raises InputError."""
    if executor.startswith(DASK):
        return DaskWorkers("tcp://" + executor.removeprefix(DASK))
    name, _, count = executor.partition(":")
    if name != "local" or (count and not (count.isdecimal() and 1 <= int(count) <= 256)):
        raise InputError(
            Problem(
                what="there is no such place to train",
                where="executor",
                got=shown(executor),
                expected="local, local:N with N processes, or dask://HOST:PORT",
                remedy="Correct the name.",
            )
        )
    return LocalWorkers(processes=int(count) if count else None)


def _no_cluster(address: str, got: str) -> InputError:
    return InputError(
        Problem(
            what="the Dask cluster does not answer",
            where=address,
            got=got,
            expected="a scheduler with at least one worker",
            remedy="Start them as the README says (Several machines), and check host and port.",
        )
    )
