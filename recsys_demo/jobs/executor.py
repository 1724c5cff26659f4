"""One warm worker process behind the interface of `concurrent.futures.Executor`.

The standard process pool would run the page that started it once more in every worker (Streamlit
makes the page the main module) and stays broken after a worker is killed; this one does neither.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, TypeVar

from recsys_demo.folders import PACKAGE
from recsys_demo.jobs.worker_process import start_worker

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
        self._warm_up = warm_up
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
            self._process.wait(KILL_SECONDS)

    def kill(self) -> None:
        """End the call that the worker is at; the next one finds a new worker."""
        process = self._process
        process.kill()
        process.wait(KILL_SECONDS)

    def _start(self) -> None:
        self._process = start_worker(self._warm_up, self._place)

    def _call(self, call: str, future: Future[Any]) -> None:
        with self._lock:
            if not future.set_running_or_notify_cancel():
                return
            if not self._process.is_alive() and not self._closed:
                self._start()  # it was ended while idle: this call is not harmed
            reply = self._exchange(call)
            if reply is None:
                self._process.wait(KILL_SECONDS)
                if not self._closed:
                    self._start()
        if reply is None:
            future.set_exception(WorkerDiedError("The worker process was ended."))
        elif "error" in reply:
            future.set_exception(RuntimeError(reply["error"]))
        else:
            future.set_result(reply["result"])

    def _exchange(self, call: str) -> dict[str, Any] | None:
        """Send a call and wait for its reply; None if the worker died."""
        try:
            self._process.write(call)
        except OSError:
            return None
        line = self._process.read()
        reply: dict[str, Any] | None = json.loads(line) if line else None
        return reply


def place_of_code(home: Path) -> dict[str, str]:
    """Where a worker keeps compiled code: beside the package, as every process does; in the lab's
    folder where the package's cannot be written. Environment variables."""
    if CODE in os.environ or os.access(PACKAGE, os.W_OK):
        return {}
    return {CODE: str((home / "compiled").resolve())}
