"""What this process takes from the machine."""

from __future__ import annotations

import sys


def peak_memory_mb() -> float | None:
    """The most memory this process has held at once, in MB; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
