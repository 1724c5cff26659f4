"""The helper process: `python -m recsys_demo.jobs.helper FD` forks a child for every connection it
is given, which does one call within its bounds and ends."""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recsys_demo.errors import LabError
from recsys_demo.jobs.forks import fork_for_each
from recsys_demo.machine import be_nice, give_memory_back, limit_memory, share_cores

NICENESS = 5
# What the calls of pages need; nothing here may start a thread.
IMPORTED = (
    "scipy.stats",
    "recsys_demo.data.consequences",
    "recsys_demo.data.guessing.readings",
    "recsys_demo.data.sources",
)


@dataclass(frozen=True)
class Call:
    """What a child does: `memory` in bytes beyond what it begins with, `seconds` of wall time. It
    is to see the files and settings of who calls."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    memory: int
    seconds: int
    folder: str
    environment: Mapping[str, str]


def main() -> None:
    """Fork until the server is gone."""
    be_nice(NICENESS)
    share_cores()
    give_memory_back()  # Arrow's own pool would ask for more than the bound at once
    for name in IMPORTED:
        importlib.import_module(name)
    fork_for_each(_answer)


def _answer(connection: socket.socket) -> None:
    with connection.makefile("rwb") as stream:
        call: Call = pickle.load(stream)
        os.chdir(call.folder)
        os.environ.clear()
        os.environ.update(call.environment)
        signal.alarm(call.seconds)  # nothing catches it: the child ends
        limit_memory(call.memory)
        reply = _reply(call)
        with contextlib.suppress(OSError):  # the server has stopped reading
            pickle.dump(reply, stream, protocol=5)
            stream.flush()


def _reply(call: Call) -> tuple[bool, Any]:
    """Whether it succeeded, and its result or error."""
    try:
        return True, call.function(*call.args, **call.kwargs)
    except MemoryError:
        os._exit(1)  # the server knows what to say
    except LabError as error:
        return False, error
    except Exception as error:  # told to who called, as if it had been raised there
        return False, RuntimeError(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
