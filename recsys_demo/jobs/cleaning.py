"""Room on the disk: what nobody has wanted for longest goes first."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recsys_demo.jobs.store import JobStore

UPLOADS = "uploads"
# What was wanted so lately is in use, whatever it takes.
RECENT_SECONDS = 900.0


@dataclass(frozen=True)
class _Kept:
    folder: Path
    size: int
    wanted: float


def clean(store: JobStore, limit: int, recent: float = RECENT_SECONDS) -> int:
    """Remove ended jobs and uploads, those wanted least lately first, until all together take at
    most `limit` bytes; returns how many were removed. Running and waiting jobs stay."""
    kept = sorted(_all(store), key=lambda one: one.wanted)
    size = sum(one.size for one in kept)
    before = time.time() - recent
    removed = 0
    for one in kept:
        if size <= limit:
            break
        if one.wanted > before or not _may_go(store, one.folder):
            continue
        if one.folder.parent == store.folder:
            store.forget(one.folder.name)
        else:
            shutil.rmtree(one.folder, ignore_errors=True)
        size -= one.size
        removed += 1
    return removed


def uploads_of(store: JobStore) -> Path:
    """Where the uploads lie that belong to these jobs."""
    return store.folder.parent / UPLOADS


def _all(store: JobStore) -> Iterator[_Kept]:
    uploads = uploads_of(store)
    places = [store.path(job_id) for job_id in store.ids()]
    places += [place for place in uploads.iterdir() if place.is_dir()] if uploads.is_dir() else []
    for place in places:
        try:
            files = [file.stat() for file in place.rglob("*") if file.is_file()]
            yield _Kept(place, sum(file.st_size for file in files), place.stat().st_mtime)
        except OSError:  # removed meanwhile
            continue


def _may_go(store: JobStore, folder: Path) -> bool:
    if folder.parent != store.folder:
        return True
    status = store.status(folder.name)
    return status.has_ended if status is not None else not store.is_held(folder.name)
