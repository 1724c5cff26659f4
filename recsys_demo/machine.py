"""What processes take from the machine."""

from __future__ import annotations

import ctypes
import ipaddress
import os
import platform
import socket
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

# Options of glibc's mallopt(3), from malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 2**20  # bytes
_STATUS = Path("/proc/self/status")
_CPU = Path("/proc/cpuinfo")
# What a container may use, in the second version of control groups and in the first.
_GROUP = Path("/sys/fs/cgroup")
_MEMORY_LIMITS = (_GROUP / "memory.max", _GROUP / "memory" / "memory.limit_in_bytes")
# What a processor must know for torch to use an instruction set, the widest first.
_INSTRUCTIONS = {
    "AVX512": {"avx512f", "avx512vl", "avx512bw", "avx512dq", "fma"},
    "AVX2": {"avx2", "fma"},
}
PLAIN = "DEFAULT"


def peak_memory_mb() -> float | None:
    """The most memory this process has held at once, in MB; None where the system does not say."""
    if (peak := _peak_of_linux()) is not None:
        return peak
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


@lru_cache(maxsize=1)
def machine_kind() -> str:
    """Processor family, maker and vector instructions: on one kind of machine the same training
    gives the same digits, on another the last ones may differ, for sums are added up in another
    order."""
    facts = _cpu_facts()
    flags = set(facts.get("flags", facts.get("Features", "")).split())
    found = [name for name, needed in _INSTRUCTIONS.items() if needed <= flags]
    wanted = os.environ.get("ATEN_CPU_CAPABILITY", "").upper()  # torch's own switch
    allowed = [*found, PLAIN]
    instructions = wanted if wanted in allowed else allowed[0]
    return " ".join(
        word for word in (platform.machine(), facts.get("vendor_id", ""), instructions) if word
    )


def _cpu_facts() -> dict[str, str]:
    """What Linux says of the first processor; nothing elsewhere."""
    try:
        lines = _CPU.read_text(encoding="utf-8", errors="replace").split("\n\n")[0].splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _peak_of_linux() -> float | None:
    """`ru_maxrss` begins with what the process held that started this one; VmHWM does not."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) / 2**10 if found else None


def give_memory_back() -> bool:
    """Have this process return what it has freed, for a server with a thread per click: the C
    library would keep a heap per thread, and Arrow one of its own. Call it before Arrow is loaded.
    Whether the C library took it: only glibc has these options."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    if not sys.platform.startswith("linux"):
        return False
    options = {_ARENA_MAX: 2, _MMAP_THRESHOLD: _LARGE, _TRIM_THRESHOLD: _LARGE}
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # another C library
        return False
    return all(mallopt(option, value) == 1 for option, value in options.items())


def share_cores() -> None:
    """Have matrix products of this process keep to one core, for a server beside its workers: a
    second thread makes products of this size no faster, and waits at full speed for the next one.
    Call it before numpy is loaded; who has set the variables keeps what they say."""
    for library in ("OPENBLAS", "MKL", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def trim_memory() -> bool:
    """Return what lies free between what is in use; takes a few milliseconds. Whether the C
    library can."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError):  # another C library
        return False
    return True


def network_addresses() -> tuple[str, ...]:
    """IPv4 addresses of this machine that others in its networks may reach, those of home and
    school networks first. Asks the system only, never the network."""
    import psutil

    up = {name for name, told in psutil.net_if_stats().items() if told.isup}
    found = {
        ipaddress.IPv4Address(address.address)
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
        if name in up and address.family == socket.AF_INET
    }
    reachable = (a for a in found if not (a.is_loopback or a.is_link_local))
    return tuple(str(a) for a in sorted(reachable, key=lambda a: (not a.is_private, a)))


def usable_cores() -> int:
    """Cores that this process may use, by its affinity and by the quota of its container."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux has it
        cores = os.cpu_count() or 1
    quota, _, period = _first_line(_GROUP / "cpu.max").partition(" ")
    if quota.isdecimal() and period.isdecimal():
        cores = min(cores, -(-int(quota) // int(period)))
    return max(1, cores)


def memory_bytes() -> int:
    """The memory that this process may use: the machine's, or what its container leaves it."""
    import psutil

    limits = [int(text) for path in _MEMORY_LIMITS if (text := _first_line(path)).isdecimal()]
    return min([int(psutil.virtual_memory().total), *limits])


def memory_free_bytes() -> int:
    """What of it can be had without taking from others."""
    import psutil

    used = _first_line(_GROUP / "memory.current")
    free: int = psutil.virtual_memory().available
    return min(free, memory_bytes() - int(used)) if used.isdecimal() else free


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").partition("\n")[0].strip()
    except OSError:
        return ""


def process_start(pid: int) -> str:
    """When a process started, as text: a number used again by another process gives another
    text. Empty if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        return stat.rpartition(")")[2].split()[19]
    except OSError:
        pass
    try:
        os.kill(pid, 0)
    except (OSError, SystemError):
        return ""
    return "alive"


def be_nice(niceness: int) -> None:
    """Stand behind everybody who waits for a page."""
    with suppress(AttributeError, OSError):  # Windows has no niceness
        os.nice(niceness)


def limit_memory(more: int) -> bool:
    """Let this process take so many bytes more than it has, and no more: what it asks beyond fails.
    Whether the system can."""
    try:
        import resource

        held = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
    except (ImportError, OSError):
        return False
    most = int(held) * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    return True
