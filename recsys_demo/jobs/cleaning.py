"""Room on the disk: what nobody has wanted for longest goes first."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recsys_demo.jobs.store import JobStore

# What lies beside the folder of jobs: uploads, a folder each, and records of sweeps, a file each.
UPLOADS, RECORDS = "uploads", "records"
# What was wanted so lately is in use, whatever it takes.
RECENT_SECONDS = 900.0


@dataclass(frozen=True)
class _Kept:
    place: Path
    size: int
    wanted: float


def clean(store: JobStore, limit: int, recent: float = RECENT_SECONDS) -> int:
    """Remove ended jobs, uploads and records, those wanted least lately first, until all together
    take at most `limit` bytes; returns how many were removed. Running and waiting jobs stay."""
    kept = sorted(_all(store), key=lambda one: one.wanted)
    size = sum(one.size for one in kept)
    before = time.time() - recent
    removed = 0
    for one in kept:
        if size <= limit:
            break
        if one.wanted > before or not _may_go(store, one.place):
            continue
        if one.place.parent == store.folder:
            store.forget(one.place.name)
        elif one.place.is_dir():
            shutil.rmtree(one.place, ignore_errors=True)
        else:
            one.place.unlink(missing_ok=True)
        size -= one.size
        removed += 1
    return removed


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


def _may_go(store: JobStore, place: Path) -> bool:
    if place.parent != store.folder:
        return True
    status = store.status(place.name)
    return status.has_ended if status is not None else not store.is_held(place.name)
