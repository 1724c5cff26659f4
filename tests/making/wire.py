"""A wire between browser and server that can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit

PIECE = 65_536


class Wire:
    """Passes bytes on between a port of its own and a server, until it is cut; then it hangs up on
    everybody and takes no new calls, until it is mended."""

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        self._target = (str(there.hostname), int(there.port or 80))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Hang up on everybody."""
        self._is_cut = True
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Take calls again."""
        self._is_cut = False

    def close(self) -> None:
        """The end of it."""
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                if self._is_cut:
                    caller.close()
                    continue
                called = socket.create_connection(self._target)
                with self._lock:
                    self._open |= {caller, called}
                for one, other in ((caller, called), (called, caller)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(PIECE):
                other.sendall(data)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(one)
        one.close()
