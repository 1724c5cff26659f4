"""Peak memory is that of this process, whoever started it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from recsys_demo.machine import peak_memory_mb


def test_a_child_does_not_report_its_parents_memory() -> None:
    held = np.ones(40_000_000)
    command = "from recsys_demo.machine import peak_memory_mb; print(peak_memory_mb())"
    child = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    own = peak_memory_mb()
    if own is None:  # the system does not say
        return
    assert own > held.nbytes / 2**20
    assert float(child.stdout) < held.nbytes / 2**20
