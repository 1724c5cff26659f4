"""One worker process, as who asks it sees it: forked from a warm parent on Linux, where a process
can be held by a handle; started on its own elsewhere."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from recsys_demo.folders import package_path
from recsys_demo.jobs.forks import HAVE_FORKS, Parent
from recsys_demo.jobs.worker import COLD


class WorkerProcess(Protocol):
    """A process that answers lines with lines."""

    @property
    def pid(self) -> int:
        """Its process id; waits until there is one."""

    def is_alive(self) -> bool:
        """Whether it still runs, or is about to."""

    def kill(self) -> None:
        """End it, whatever it is at."""

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end, at most so long."""

    def write(self, line: str) -> None:
        """Send it a line. Raises OSError where it is gone."""

    def read(self) -> str:
        """Its next line; empty where it is gone."""


def start_worker(warm_up: bool, place: Mapping[str, str] = MappingProxyType({})) -> WorkerProcess:
    """A new worker; `warm_up` pays for what is slow the first time before it answers, `place` is
    added to its environment."""
    if not _can_hold_forks():
        return SpawnedWorker(warm_up, place)
    return ForkedWorker(_parent(warm_up, tuple(place.items())), place)


@cache
def _parent(warm_up: bool, place: tuple[tuple[str, str], ...]) -> Parent:
    return Parent("recsys_demo.jobs.worker_parent", *_arguments(warm_up), place=dict(place))


@cache
def _can_hold_forks() -> bool:
    if not (sys.platform == "linux" and HAVE_FORKS):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old kernel, or a container that forbids it
        return False
    return True


def _arguments(warm_up: bool) -> list[str]:
    return [] if warm_up else [COLD]


class SpawnedWorker:
    """A process started on its own."""

    def __init__(self, warm_up: bool, place: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "recsys_demo.jobs.worker", *_arguments(warm_up)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": package_path()} | dict(place),
        )
        self.pid = self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def wait(self, seconds: float | None = None) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


class ForkedWorker:
    """A child of a warm parent: it is there once the parent is warm, and is held by a handle, for
    its number may be another's once it has ended."""

    def __init__(self, parent: Parent, place: Mapping[str, str] = MappingProxyType({})) -> None:
        self._socket = parent.connect()
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._calls = self._socket.makefile("w", encoding="utf-8")
        self._handle: int | None = None
        self._pid = 0
        greeting = {"folder": str(Path.cwd()), "environment": {**os.environ, **place}}
        with suppress(OSError):  # gone already: `_born` hears of it
            self._calls.write(json.dumps(greeting) + "\n")
            self._calls.flush()
        self._birth = threading.Thread(target=self._born, daemon=True)
        self._birth.start()

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def _born(self) -> None:
        with suppress(OSError, ValueError):  # it never came, or ended at once
            self._pid = int(self._lines.readline())
            self._handle = os.pidfd_open(self._pid)

    @property
    def pid(self) -> int:
        self._birth.join()
        return self._pid

    def is_alive(self) -> bool:
        return self._birth.is_alive() or not self._ended(0)

    def kill(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(
                socket.SHUT_RDWR
            )  # it ends where it listens, also one that is not there yet
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def wait(self, seconds: float | None = None) -> None:
        self._birth.join(seconds)
        self._ended(seconds)

    def write(self, line: str) -> None:
        self._birth.join()
        self._calls.write(line)
        self._calls.flush()

    def read(self) -> str:
        try:
            return self._lines.readline()
        except OSError:  # ended before it had read all
            return ""

    def _ended(self, seconds: float | None) -> bool:
        if self._handle is None:
            return True
        poll = select.poll()  # select knows no number above 1023, and a server has many
        poll.register(self._handle, select.POLLIN)
        return bool(poll.poll(None if seconds is None else seconds * 1_000))
