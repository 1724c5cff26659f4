"""Room on the disk: what nobody has wanted for longest goes first."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys_demo.errors import InputError
from recsys_demo.jobs.store import JobStore

# What lies beside the folder of jobs: uploads, a folder each, and records of sweeps, a file each.
UPLOADS, RECORDS = "uploads", "records"


@dataclass(frozen=True)
class _Kept:
    place: Path
    size: int
    wanted: float


def clean(store: JobStore, limit: int, is_open: Callable[[str], bool]) -> int:
    """Remove ended jobs, uploads and records, those wanted least lately first, until all together
    take less than `limit` bytes; returns how many they take then. What waits or runs stays, and
    what somebody has open now, by its name."""
    kept = sorted(_all(store), key=lambda one: one.wanted)
    size = sum(one.size for one in kept)
    for one in kept:
        if size < limit:
            break
        if not is_open(one.place.name) and _removed(store, one.place):
            size -= one.size
    return size


def _removed(store: JobStore, place: Path) -> bool:
    if place.parent == store.folder:
        if store.status(place.name) is None and store.is_held(place.name):
            return False  # just claimed
        with suppress(InputError):  # it has not ended, or nothing can be removed
            store.forget(place.name)
    elif place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        with suppress(OSError):
            place.unlink()
    return not place.exists()


def _all(store: JobStore) -> Iterator[_Kept]:
    places = [store.path(job_id) for job_id in store.ids()]
    for name in (UPLOADS, RECORDS):
        places += (store.folder.parent / name).glob("*")
    for place in places:
        try:
            files = [file.stat() for file in (place, *place.rglob("*")) if file.is_file()]
            yield _Kept(place, sum(file.st_size for file in files), place.stat().st_mtime)
        except OSError:  # removed meanwhile
            continue
