"""A worker process: it answers calls, line by line. `python -m recsys_demo.jobs.worker` takes them
from its standard input; one that was forked, from its socket.

It never runs a page's code, and it ends with its server: at the end of its input.
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
from collections.abc import Callable, Iterator, Sequence
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


def import_slow() -> None:
    """One thread, behind everybody who waits for a page, and the slow imports."""
    be_nice(NICENESS)
    import torch

    torch.set_num_threads(1)
    importlib.import_module("recsys_demo.training.experiment")


def warm_up() -> None:
    """What is slow the first time, and the sample set, are paid for before the first job comes."""
    training_task = importlib.import_module("recsys_demo.jobs.training_task")
    with contextlib.suppress(LabError, OSError):  # a job will tell it to whom it concerns
        training_task.warm_up()


def main() -> None:
    """Answer calls until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for who started it, who then ends it
    replies, sys.stdout = sys.stdout, sys.stderr  # a task that prints must not break the replies
    answer_calls(
        sys.stdin, replies, (import_slow,) if COLD in sys.argv[1:] else (import_slow, warm_up)
    )


def answer_calls(
    lines: TextIO, replies: TextIO, prepare: Sequence[Callable[[], None]] = ()
) -> None:
    """Prepare, then answer calls; the end of their stream ends this process at any time."""
    calls: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(lines, calls), daemon=True).start()
    for step in prepare:
        step()
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
