"""Values that are dear to make, kept by what they were made from."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from recsys_demo.limits import Limits

T = TypeVar("T")


class Cache(Generic[T]):
    """The values asked for last, by key. Keys stand for contents, never for places: a file that has
    changed is another key. What two threads ask for at once is made once; other keys do not wait.
    All values together take at most `Limits.page_bytes`; the last one is kept whatever it takes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._bytes: dict[str, int] = {}
        self._values: OrderedDict[str, T] = OrderedDict()
        self._making: dict[str, Lock] = {}
        self._lock = Lock()

    def __contains__(self, key: str) -> bool:
        """Whether the value is there already."""
        with self._lock:
            return key in self._values

    def get(self, key: str, make: Callable[[], T]) -> T:
        """The value of this key, made if it is not there. Raises what `make` raises."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            try:
                value = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            size = size_of(value)
            with self._lock:
                self._values[key], self._bytes[key] = value, size
                self._shrink()
            return value

    def _shrink(self) -> None:
        most = Limits.from_environment().page_bytes
        while len(self._values) > 1 and (
            len(self._values) > self._size or sum(self._bytes.values()) > most
        ):
            oldest, _ = self._values.popitem(last=False)
            del self._bytes[oldest]

    def peek(self, key: str) -> T | None:
        """The value of this key if it is there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def forget(self, key: str) -> None:
        """Let go of a value."""
        with self._lock:
            self._values.pop(key, None)
            self._bytes.pop(key, None)


def size_of(value: object) -> int:
    """Bytes of a value: of its arrays, which are not copied, and of all else."""
    sizes: list[int] = []

    def count(buffer: pickle.PickleBuffer) -> None:
        sizes.append(buffer.raw().nbytes)

    return len(pickle.dumps(value, protocol=5, buffer_callback=count)) + sum(sizes)
