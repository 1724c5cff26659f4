"""Work that a stranger's link or file asks of the server, in a process with a bound of memory and
a clock: what is too large or too slow ends there, and costs the server nothing.

A helper process has imported what such work needs and does nothing but fork: a call begins within
milliseconds. Arguments and result travel as pickles between this process and its own child.
"""

from __future__ import annotations

import io
import os
import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from recsys_demo.errors import InputError
from recsys_demo.jobs.forks import HAVE_FORKS, Parent
from recsys_demo.jobs.helper import Call
from recsys_demo.limits import Limits

P = ParamSpec("P")
T = TypeVar("T")
# More at a time would take the cores from clicks, and memory from each other.
AT_ONCE = 2
# The child ends itself in time; this is for one that cannot.
PATIENCE_SECONDS = 10
_SLOTS = threading.BoundedSemaphore(AT_ONCE)


_HELPER = Parent("recsys_demo.jobs.helper")


def call_bounded(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function(*args)`, done in a process of its own within `Limits.page_work_bytes` of memory,
    `page_seconds`, and `page_bytes` of result. Raises what the function raises, and InputError
    where it is too much."""
    if not HAVE_FORKS:  # Windows: a server for one person
        return function(*args, **kwargs)
    limits = Limits.from_environment()
    call = Call(
        function,
        args,
        kwargs,
        limits.page_work_bytes,
        limits.page_seconds,
        str(Path.cwd()),
        dict(os.environ),
    )
    with _SLOTS, _HELPER.connect() as connection, connection.makefile("rwb") as stream:
        connection.settimeout(limits.page_seconds + PATIENCE_SECONDS)
        try:
            pickle.dump(call, stream, protocol=5)
            stream.flush()
            succeeded, value = pickle.load(_Counted(stream, limits.page_bytes))
        except (EOFError, OSError, MemoryError, pickle.UnpicklingError):
            raise too_much(limits) from None
    if not succeeded:
        raise value
    result: T = value
    return result


class _Counted:
    """A stream that ends after so many bytes."""

    def __init__(self, stream: io.BufferedRWPair, most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, size: int) -> bytes:
        """As the stream's."""
        self._count(size)
        return self._stream.read(size)

    def readinto(self, buffer: memoryview) -> int:
        """As the stream's."""
        self._count(len(buffer))
        return self._stream.readinto(buffer)

    def readline(self) -> bytes:
        """As the stream's; pickles have short lines only."""
        return self._stream.readline(1_000)

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise EOFError


def too_much(limits: Limits) -> InputError:
    """What cannot be done within the bounds of a server that many share."""
    return InputError.of(
        what="this is too much for a page",
        where="server",
        got=f"a result of more than {limits.page_bytes / 1e6:,.0f} MB, or work of more than "
        f"{limits.page_work_bytes / 1e6:,.0f} MB or {limits.page_seconds} seconds",
        expected="less",
        remedy="Take fewer rows or a smaller cross, or the command line, which has no such "
        "bounds. Who runs the lab can raise RECSYS_DEMO_PAGE_BYTES and its siblings.",
    )
