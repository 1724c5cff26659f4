"""A worker process: `python -m recsys_demo.jobs.worker` answers calls from its standard input.

It is started as a module of its own, so it never runs a page's code, and it ends with its server:
at the end of its input.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from recsys_demo.errors import LabError
from recsys_demo.jobs.context import CancelledError, Context
from recsys_demo.jobs.store import JobStore
from recsys_demo.jobs.tasks import TASKS
from recsys_demo.machine import be_nice

NICENESS = 10
COLD = "cold"  # the argument of a worker that does not warm up


GONE = {"state": "lost", "message": "The job's folder was removed. Start it again."}


def run_job(folder: str, job_id: str, attempt: str) -> dict[str, Any]:
    """Do this attempt of a job of a store; returns what its last status says. Never raises for what
    a person can cause."""
    store = JobStore(Path(folder))
    spec = store.spec(job_id)
    if spec is None or store.attempt(job_id) != attempt:
        return GONE
    try:
        context = Context(store.path(job_id))
        for event in _task(spec.task)(spec.payload, context):
            context.tell(event)
        # Said before the end, so that the last thing known of a whole result is its files.
        files = store.left_files(job_id)
    except CancelledError as error:
        return {"state": "cancelled", "message": str(error) or "Cancelled."}
    except LabError as error:
        return {"state": "failed", "message": str(error)}
    except MemoryError:
        return {"state": "failed", "message": "Out of memory. Choose a smaller model or log."}
    except OSError as error:
        return {
            "state": "failed",
            "message": f"The lab's folder cannot be written: {error.strerror or error}. Free some "
            "space, then start it again.",
        }
    if store.attempt(job_id) != attempt:
        return GONE
    return {"state": "done", "message": "", "files": files}


def _task(name: str) -> Callable[[dict[str, Any], Context], Iterator[dict[str, Any]]]:
    module, _, function = TASKS[name].partition(":")
    task: Callable[[dict[str, Any], Context], Iterator[dict[str, Any]]]
    task = getattr(importlib.import_module(module), function)
    return task


def _prepare(is_cold: bool) -> None:
    """One thread, behind everybody who waits for a page; the slow imports and the sample set are
    paid for before the first job comes."""
    be_nice(NICENESS)
    import torch

    torch.set_num_threads(1)
    if is_cold:
        return
    from recsys_demo.jobs.training_task import warm_up

    with contextlib.suppress(LabError, OSError):  # a job will tell it to whom it concerns
        warm_up()


def main() -> None:
    """Answer calls until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for who started it, who then ends it
    replies, sys.stdout = sys.stdout, sys.stderr  # a task that prints must not break the replies
    calls: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin, calls), daemon=True).start()
    _prepare(COLD in sys.argv[1:])
    replies.write('{"ready": true}\n')
    replies.flush()
    while True:
        replies.write(json.dumps(_answer(calls.get())) + "\n")
        replies.flush()


def _listen(lines: TextIO, calls: queue.Queue[str]) -> None:
    for line in lines:
        calls.put(line)
    os._exit(0)  # the server is gone: whatever this process does, nobody waits for it


def _answer(line: str) -> dict[str, Any]:
    call = json.loads(line)
    try:
        module, _, name = call["function"].partition(":")
        function = getattr(importlib.import_module(module), name)
        return {"result": function(*call["arguments"])}
    except Exception as error:  # told to the caller, who decides
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
