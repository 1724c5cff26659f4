"""Values that are dear to make, kept by what they were made from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """The values asked for last, by key. Keys stand for contents, never for places: a file that has
    changed is another key. What two threads ask for at once is made once; other keys do not wait.
    """

    def __init__(self, size: int) -> None:
        self._size = size
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
            with self._lock:
                self._values[key] = value
                while len(self._values) > self._size:
                    self._values.popitem(last=False)
            return value

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
