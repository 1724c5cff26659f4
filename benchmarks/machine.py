"""The machine and the versions a figure was measured with."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch


def describe() -> str:
    """One line: processor, cores, memory, versions, date."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB; Python "
        f"{platform.python_version()}, torch {torch.__version__}, numpy {np.__version__}; "
        f"{datetime.now(UTC):%Y-%m-%d}"
    )


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gb() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (AttributeError, ValueError, OSError):
        return float("nan")
