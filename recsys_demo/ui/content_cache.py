"""What pages compute, kept by content and shared by all visitors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st

P = ParamSpec("P")
T = TypeVar("T")


def by_key(
    entries: int, spinner: str | bool = False
) -> Callable[[Callable[P, T]], Callable[Concatenate[object, P], T]]:
    """A function is then called with a key before its arguments, and its last results are kept.

    The key names, by its `repr`, the contents of all arguments, which are not looked through; so it
    may not hold arrays or tables. Nobody may change a result.
    """

    def keyed(compute: Callable[P, T]) -> Callable[Concatenate[object, P], T]:
        def kept(key: str, _compute: Callable[[], T]) -> T:
            return _compute()

        # By these Streamlit tells the cache of one function from that of another.
        kept.__module__, kept.__qualname__ = compute.__module__, compute.__qualname__
        cache = st.cache_resource(max_entries=entries, show_spinner=spinner)(kept)

        @wraps(compute)
        def result(key: object, /, *args: P.args, **kwargs: P.kwargs) -> T:
            return cache(repr(key), partial(compute, *args, **kwargs))

        return result

    return keyed
