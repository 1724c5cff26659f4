"""Values that are dear to make, kept by what they were made from."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from threading import Lock, RLock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from recsys_demo.limits import Limits

T = TypeVar("T")


@dataclass(eq=False)
class _Entry(Generic[T]):
    """A value, its bytes, and when it was asked for last."""

    value: T
    size: int
    asked: int


class Cache(Generic[T]):
    """The values asked for last, by key. Keys stand for contents, never for places: a file that has
    changed is another key. What two threads ask for at once is made once; other keys do not wait.
    The values of all caches of a process together take at most `Limits.kept_bytes`: the one asked
    for longest ago goes first, whichever cache it is in; the last one is kept whatever it takes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[str, _Entry[T]] = {}
        self._making: dict[str, Lock] = {}
        with _LOCK:
            _CACHES.add(self)

    def __contains__(self, key: str) -> bool:
        """Whether the value is there already."""
        with _LOCK:
            return key in self._entries

    def get(self, key: str, make: Callable[[], T]) -> T:
        """The value of this key, made if it is not there. Raises what `make` raises."""
        with _LOCK:
            if key in self._entries:
                return self._asked(key)
            making = self._making.setdefault(key, Lock())
        with making:
            with _LOCK:
                if key in self._entries:
                    return self._asked(key)
            try:
                value = make()
            finally:
                with _LOCK:
                    self._making.pop(key, None)
            size = size_of(value)
            with _LOCK:
                self._entries[key] = _Entry(value, size, next(_CLOCK))
                while len(self._entries) > self._size:
                    del self._entries[min(self._entries, key=lambda k: self._entries[k].asked)]
                _shrink(Limits.from_environment().kept_bytes)
            return value

    def peek(self, key: str) -> T | None:
        """The value of this key if it is there."""
        with _LOCK:
            return self._asked(key) if key in self._entries else None

    def forget(self, key: str) -> None:
        """Let go of a value."""
        with _LOCK:
            self._entries.pop(key, None)

    def _asked(self, key: str) -> T:
        entry = self._entries[key]
        entry.asked = next(_CLOCK)
        return entry.value


_LOCK = RLock()
_CLOCK = count()
_CACHES: WeakSet[Cache[Any]] = WeakSet()


def _shrink(most: int) -> None:
    """Let go of the values asked for longest ago, of all caches, until the rest is small enough."""
    kept = [(e.asked, e.size, c, key) for c in _CACHES for key, e in c._entries.items()]
    kept.sort(key=lambda entry: entry[0])
    size = sum(entry[1] for entry in kept)
    for _, bytes_, cache, key in kept[:-1]:
        if size <= most:
            return
        cache.forget(key)
        size -= bytes_


def size_of(value: object) -> int:
    """Bytes of a value: of its arrays, which are not copied, and of all else."""
    sizes: list[int] = []

    def measure(buffer: pickle.PickleBuffer) -> None:
        sizes.append(buffer.raw().nbytes)

    return len(pickle.dumps(value, protocol=5, buffer_callback=measure)) + sum(sizes)
