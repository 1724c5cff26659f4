"""Loops compiled to machine code, which is kept on disk for the processes that come after.

Numba keeps it beside the package, or in the user's cache where that folder cannot be written; a
server tells its workers a third place (`recsys_demo/jobs/executor.py`). A kernel calls kernels of
its own file only: what is kept is made anew when that file changes, not when another one does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])
# Sums may be added up in the order that is fastest on this kind of machine, always the same one.
# What is not finite stays so: training has to see that it diverged.
_FAST = {"reassoc", "contract", "nsz"}


def kernel(function: F) -> F:
    """The function, compiled for the types it is first called with."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": _FAST}
    try:
        compiled: F = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder to keep it in: every process compiles for itself
        compiled = njit(**options)(function)
    return compiled
