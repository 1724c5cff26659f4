"""Processes that are there within milliseconds: a parent has imported what its children need, does
nothing but fork, and so shares with them the memory of what it imported."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from recsys_demo.errors import LabError
from recsys_demo.folders import package_path

HAVE_FORKS = hasattr(os, "fork")


class Parent:
    """A parent process of this one, started when it is first needed and again if it is gone. It is
    `python -m MODULE ARGUMENT... FD`, with `place` in its environment, which calls
    `fork_for_each`."""

    def __init__(
        self, module: str, *arguments: str, place: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._command: Sequence[str] = ("-m", module, *arguments)
        self._place = dict(place)
        self._lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def connect(self) -> socket.socket:
        """A connection to a child of its own; what is said before it is there waits for it."""
        with self._lock:
            for _ in range(2):
                here, there = socket.socketpair()
                with there:
                    try:
                        socket.send_fds(self._running(), [b"x"], [there.fileno()])
                        return here
                    except OSError:  # it was ended: once more with another
                        here.close()
                        self.process = None
        raise LabError("The server's helper process cannot be started. Try again.")

    def _running(self) -> socket.socket:
        if self.process is None or self.process.poll() is not None or self._socket is None:
            here, there = socket.socketpair()
            with there:
                # Python warns of forks beside threads: those that libraries keep mind them.
                options = ["-W", "ignore::DeprecationWarning", *self._command]
                self.process = subprocess.Popen(
                    [sys.executable, *options, str(there.fileno())],
                    pass_fds=[there.fileno()],
                    stdin=subprocess.DEVNULL,
                    env=os.environ | {"PYTHONPATH": package_path()} | self._place,
                )
            self._socket = here
        return self._socket


def fork_for_each(child: Callable[[socket.socket], None]) -> None:
    """Fork for every connection that comes by the socket of the last argument, until who started
    this process is gone. The child ends with its function."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it ends it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no child is waited for
    server = socket.socket(fileno=int(sys.argv[-1]))
    while True:
        message, descriptors, _, _ = socket.recv_fds(server, 1, 1)
        if not message:
            return
        if os.fork() == 0:
            server.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a child may start processes and wait
            with contextlib.suppress(OSError, EOFError):  # who asked has gone
                child(socket.socket(fileno=descriptors[0]))
            os._exit(0)
        os.close(descriptors[0])
