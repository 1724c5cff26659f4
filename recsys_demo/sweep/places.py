"""Where runs are trained: worker processes of this machine, or a Dask cluster. Same digits either
way, and the same records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from typing import Any, Protocol

from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError, LabError, excerpt
from recsys_demo.folders import how_to_install
from recsys_demo.jobs.executor import WorkerDiedError, WorkerExecutor
from recsys_demo.machine import usable_cores
from recsys_demo.sweep.package import Package, pack
from recsys_demo.sweep.records import Record, Records, SweptRun
from recsys_demo.sweep.training import keep_record, train_record

DASK = "dask://"
CONNECT_SECONDS = 10
TrainRecord = Callable[[RunConfig, str, Package | None], SweptRun]
KeepRecord = Callable[[dict[str, Any], str, str], str]


class Place(Protocol):
    """What a sweep needs to know of the place where its runs are trained."""

    def slots(self) -> int:
        """How many runs can be trained at once."""

    def submit(self, config: RunConfig, key: str) -> Future[Any]:
        """Begin a run."""

    def record(self, key: str, future: Future[Any]) -> Record:
        """The record of a run that has ended, which is kept then. Raises what went wrong."""

    def lost(self, error: BaseException) -> bool:
        """Whether this error means that the worker is gone, not that the run is bad."""

    def close(self) -> None:
        """Give back what was taken."""


class LocalPlace:
    """Worker processes like those of a server: they read the same files, and write the records."""

    def __init__(
        self, records: Records, workers: Sequence[Executor], keep: KeepRecord = keep_record
    ) -> None:
        self._records, self._keep = records, keep
        self._workers = workers
        self._free = list(workers)
        self._busy: dict[Future[str], Executor] = {}

    def slots(self) -> int:
        return len(self._workers)

    def submit(self, config: RunConfig, key: str) -> Future[str]:
        worker = self._free.pop()
        content, folder = config.model_dump(mode="json"), str(self._records.folder.resolve())
        future = worker.submit(self._keep, content, key, folder)
        self._busy[future] = worker
        return future

    def record(self, key: str, future: Future[str]) -> Record:
        self._free.append(self._busy.pop(future))
        if problem := future.result():
            raise LabError(problem)
        record = self._records.get(key)
        if record is None:
            raise LabError("The record of this run was removed before it was read.")
        return record

    def lost(self, error: BaseException) -> bool:
        return isinstance(error, WorkerDiedError | CancelledError)

    def close(self) -> None:
        for worker in self._workers:
            worker.shutdown()


class DaskPlace:
    """The workers of a Dask cluster. The files of the data go to each worker once: they are
    scattered as one object that Dask keeps there, and every run refers to it."""

    def __init__(self, address: str, records: Records, train: TrainRecord = train_record) -> None:
        try:
            import distributed
        except ModuleNotFoundError:
            raise _no_dask(address) from None
        connect: Any = distributed.Client  # Dask leaves it without types
        try:
            self.client: Any = connect(address, timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise _no_cluster(address, str(error) or type(error).__name__) from None
        self._address = address
        self._executor: Executor = self.client.get_executor(pure=False)
        self._packages: dict[str, Any] = {}
        self._records, self._train = records, train

    def slots(self) -> int:
        threads: dict[str, int] = self.client.nthreads()
        return max(1, sum(threads.values()))

    def submit(self, config: RunConfig, key: str) -> Future[SweptRun]:
        return self._executor.submit(self._train, config, key, self._package(config))

    def record(self, key: str, future: Future[SweptRun]) -> Record:
        trained = future.result()
        self._records.put(trained)
        return trained.record

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
    return usable_cores()


def place_at(executor: str, records: Records) -> Place:
    """`local`, `local:N` for N processes, or `dask://HOST:PORT`. Raises InputError."""
    if executor.startswith(DASK):
        return DaskPlace("tcp://" + executor.removeprefix(DASK), records)
    return LocalPlace(records, local_workers(executor))


def local_workers(executor: str) -> list[WorkerExecutor]:
    """The processes of `local` or `local:N`. Raises InputError."""
    name, _, count = executor.partition(":")
    if name != "local" or (count and not (count.isdecimal() and 1 <= int(count) <= 256)):
        raise InputError.of(
            what="there is no such place to train",
            where="executor",
            got=excerpt(executor),
            expected="local, local:N with N processes, or for a sweep dask://HOST:PORT",
            remedy="Correct the name.",
        )
    processes = int(count) if count else default_processes()
    return [WorkerExecutor(warm_up=False) for _ in range(processes)]


def _no_dask(address: str) -> InputError:
    return InputError.of(
        what="Dask is not installed",
        where=address,
        got="no package distributed",
        expected="the packages of a cluster",
        remedy=f"Run: {how_to_install('cluster')}",
    )


def _no_cluster(address: str, got: str) -> InputError:
    return InputError.of(
        what="the Dask cluster does not answer",
        where=address,
        got=got,
        expected="a scheduler with at least one worker",
        remedy="Start them as docs/command-line.md says, and check host and port.",
    )
