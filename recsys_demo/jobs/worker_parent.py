"""The parent of the workers: `python -m recsys_demo.jobs.worker_parent [cold] FD` imports what
training needs, once for all workers, and forks one for every connection."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import sys

from recsys_demo.jobs.forks import fork_for_each
from recsys_demo.jobs.worker import COLD, answer_calls, import_slow, warm_up
from recsys_demo.machine import trim_memory


def main() -> None:
    """Warm up, then fork until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for who started it, who then ends it
    sys.stdout = sys.stderr  # what a task prints is no answer of the server's
    import_slow()
    is_cold = COLD in sys.argv[1:]
    is_warm = not is_cold and may_warm_up()
    if is_warm:
        warm_up()
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, all that it shares
    trim_memory()

    def child(connection: socket.socket) -> None:
        lines = connection.makefile("r", encoding="utf-8")
        replies = connection.makefile("w", encoding="utf-8")
        greeting = json.loads(lines.readline() or "null")
        if greeting is None:  # not wanted any more
            return
        with contextlib.suppress(OSError):  # the folder may be gone meanwhile
            os.chdir(greeting["folder"])
        os.environ.clear()
        os.environ.update(greeting["environment"])
        replies.write(f"{os.getpid()}\n")
        replies.flush()
        answer_calls(lines, replies, () if is_cold or is_warm else (warm_up,))

    fork_for_each(child)


def may_warm_up() -> bool:
    """Whether a training here leaves no thread that a forked child would miss: torch keeps one for
    every other device than the processor."""
    import torch

    return torch.version.cuda is None


if __name__ == "__main__":
    main()
