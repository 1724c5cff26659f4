"""One warm worker process behind the interface of `concurrent.futures.Executor`.

The standard process pool would run the page that started it once more in every worker (Streamlit
makes the page the main module) and stays broken after a worker is killed; this one does neither.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, TypeVar

from recsys_demo.folders import PACKAGE
from recsys_demo.jobs.worker import COLD

T = TypeVar("T")
KILL_SECONDS = 10
CODE = "NUMBA_CACHE_DIR"  # the compiler's own variable


class WorkerDiedError(Exception):
    """The worker process ended in the middle of a call."""


class WorkerExecutor(Executor):
    """Runs calls of module-level functions with plain arguments, one after another.

    A killed worker ends the call it was at (WorkerDiedError) and is replaced at once.
    """

    def __init__(self, warm_up: bool = True, home: Path | None = None) -> None:
        """`warm_up`: pay for what is slow the first time before a call comes. `home`: the lab's
        folder, for compiled code that can be kept nowhere else."""
        self._arguments = [] if warm_up else [COLD]
        self._place = {} if home is None else place_of_code(home)
        self._lock = threading.Lock()
        self._closed = False
        self._start()

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call `fn(*args)` in the worker; arguments and result must be JSON values."""
        if kwargs:
            raise TypeError("a worker takes positional arguments only")
        call = {"function": f"{fn.__module__}:{fn.__qualname__}", "arguments": list(args)}
        future: Future[T] = Future()
        threading.Thread(
            target=self._call, args=(json.dumps(call) + "\n", future), daemon=True
        ).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the worker, whatever it is at."""
        del cancel_futures  # there is no queue here: jobs wait in `Workers`
        self._closed = True
        self._process.kill()
        if wait:
            self._process.wait()

    def kill(self) -> None:
        """End the call that the worker is at; the next one finds a new worker."""
        process = self._process
        process.kill()
        process.wait(KILL_SECONDS)

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "recsys_demo.jobs.worker", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": package_path()} | self._place,
        )

    def _call(self, call: str, future: Future[Any]) -> None:
        with self._lock:
            if not future.set_running_or_notify_cancel():
                return
            if self._process.poll() is not None and not self._closed:
                self._start()  # it was ended while idle: this call is not harmed
            reply = self._exchange(call)
            if reply is None:
                code = self._process.wait()
                if not self._closed:
                    self._start()
        if reply is None:
            future.set_exception(WorkerDiedError(f"The worker process was ended (exit {code})."))
        elif "error" in reply:
            future.set_exception(RuntimeError(reply["error"]))
        else:
            future.set_result(reply["result"])

    def _exchange(self, call: str) -> dict[str, Any] | None:
        """Send a call and wait for its reply; None if the worker died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(call)
            self._process.stdin.flush()
        except OSError:
            return None
        while line := self._process.stdout.readline():
            reply: dict[str, Any] = json.loads(line)
            if "ready" not in reply:
                return reply
        return None


def package_path() -> str:
    """`PYTHONPATH` with which another process finds this package, whatever folder it is started
    in."""
    return os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))


def place_of_code(home: Path) -> dict[str, str]:
    """Where a worker keeps compiled code: beside the package, as every process does; in the lab's
    folder where the package's cannot be written. Environment variables."""
    if CODE in os.environ or os.access(PACKAGE, os.W_OK):
        return {}
    return {CODE: str((home / "compiled").resolve())}
