"""Peak memory is that of this process, whoever started it; a server's threads share their heaps."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys

import numpy as np
import psutil
import pytest

from recsys_demo.machine import machine_kind, peak_memory_mb, trim_memory


def test_a_child_does_not_report_its_parents_memory() -> None:
    held = np.ones(40_000_000)
    command = "from recsys_demo.machine import peak_memory_mb; print(peak_memory_mb())"
    child = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    own = peak_memory_mb()
    if own is None:  # the system does not say
        return
    assert own > held.nbytes / 2**20
    assert float(child.stdout) < held.nbytes / 2**20


HEAPS = """
import ctypes, sys, threading
from recsys_demo.machine import give_memory_back
if sys.argv[1] == "yes":
    assert give_memory_back()
c = ctypes.CDLL(None)
c.malloc.restype = c.fopen.restype = ctypes.c_void_p
there = threading.Barrier(9)
def allocate():
    c.malloc(1000)
    there.wait()  # all of them at once
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
there.wait()
file = ctypes.c_void_p(c.fopen(b"/dev/stdout", b"w"))
c.malloc_info(0, file)
c.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these options")
def test_threads_share_two_heaps_once_memory_is_given_back() -> None:
    heaps = {}
    for asked in ("yes", "no"):
        command = [sys.executable, "-c", HEAPS, asked]
        heaps[asked] = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert heaps["yes"].count("<heap nr=") <= 2
    assert heaps["no"].count("<heap nr=") > 2


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can")
def test_what_lies_free_between_what_is_in_use_is_returned() -> None:
    c = ctypes.CDLL(None)
    c.malloc.restype = ctypes.c_void_p
    c.free.argtypes = [ctypes.c_void_p]
    pieces = [c.malloc(50_000) for _ in range(2_000)]
    for piece in pieces:
        ctypes.memset(piece, 1, 50_000)
    held = memory_mb()
    for piece in pieces[:-1]:  # the last one keeps the heap from shrinking
        c.free(piece)
    assert trim_memory()
    assert memory_mb() < held - 80
    c.free(pieces[-1])


def memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


PRODUCTS = """
import sys
from recsys_demo.machine import share_cores
assert "numpy" not in sys.modules
share_cores()
import numpy, threadpoolctl
print(max(pool["num_threads"] for pool in threadpoolctl.threadpool_info()))
"""


@pytest.mark.parametrize(("set_before", "threads"), [(None, 1), ("2", 2)])
def test_products_keep_to_one_core_unless_somebody_has_said_otherwise(
    set_before: str | None, threads: int
) -> None:
    names = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
    environment = {k: v for k, v in os.environ.items() if k not in names}
    environment |= {} if set_before is None else dict.fromkeys(names, set_before)
    command = [sys.executable, "-c", PRODUCTS]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert int(told.stdout) == threads


KINDS = """
import os, torch
from recsys_demo.machine import machine_kind
for wanted in (None, "default", "avx2", "none of these"):
    if os.fork() == 0:
        if wanted is not None:
            os.environ["ATEN_CPU_CAPABILITY"] = wanted
        print(machine_kind().split()[-1], torch.backends.cpu.get_cpu_capability(), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
"""


def test_the_kind_of_machine_names_the_instructions_that_torch_uses() -> None:
    """In processes of their own, for torch asks once; forked, for it takes seconds to import."""
    told = subprocess.run(
        [sys.executable, "-c", KINDS], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(told) == 4
    for own, torchs in map(str.split, told):
        assert own == torchs
    assert machine_kind() == machine_kind()
