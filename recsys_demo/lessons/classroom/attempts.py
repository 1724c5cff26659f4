"""How often codes and secrets may be guessed: wrong ones are counted in memory, never on disk."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable

from recsys_demo.errors import InputError

# Wrong ones within so many seconds: of a browser, and of a network, which a class shares.
WINDOW, OF_BROWSER, OF_NETWORK = 60.0, 8, 60
KEPT = 2_000


class Attempts:
    """The wrong codes of one server."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[tuple[int, str], deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, browser: str, network: str, now: float | None = None) -> None:
        """Raises InputError for whoever has guessed too often."""
        now = time.monotonic() if now is None else now
        with self._lock:
            if any(self._recent(key, now) >= key[0] for key in _keys(browser, network)):
                raise InputError.of(
                    what="there were too many wrong codes",
                    where="room code",
                    got="one more",
                    expected=f"at most {OF_BROWSER} wrong ones in a minute",
                    remedy="Wait a minute, then type the code that your teacher shows.",
                )

    def note(self, browser: str, network: str, now: float | None = None) -> None:
        """One was wrong."""
        now = time.monotonic() if now is None else now
        with self._lock:
            for key in _keys(browser, network):
                self._wrong.setdefault(key, deque(maxlen=key[0])).append(now)
                self._wrong.move_to_end(key)
            while len(self._wrong) > KEPT:
                self._wrong.popitem(last=False)

    def _recent(self, key: tuple[int, str], now: float) -> int:
        return sum(now - then < WINDOW for then in self._wrong.get(key, ()))


def _keys(browser: str, network: str) -> Iterable[tuple[int, str]]:
    """Each with the number of wrong ones it may have."""
    return ((OF_BROWSER, browser), (OF_NETWORK, network))
