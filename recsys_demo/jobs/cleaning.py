"""Room on the disk: what nobody has wanted for longest goes first."""

from __future__ import annotations

import shutil
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recsys_demo.errors import InputError
from recsys_demo.jobs.store import JobStore

# What lies beside the folder of jobs: uploads, a folder each, and records of sweeps, a file each.
UPLOADS, RECORDS = "uploads", "records"
NOBODY = ""
KEPT_OWNERS = 20_000


@dataclass(frozen=True)
class _Kept:
    place: Path
    size: int
    wanted: float


class Owners:
    """Which browser alone has brought or asked for what is kept, by its name: the last many."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def own(self, name: str, visitor: str) -> None:
        """This visitor wants it; what two have wanted is nobody's."""
        with self._lock:
            known = self._owners.setdefault(name, visitor)
            self._owners[name] = visitor if known == visitor else NOBODY
            self._owners.move_to_end(name)
            while len(self._owners) > KEPT_OWNERS:
                self._owners.popitem(last=False)

    def of(self, name: str) -> str:
        """Whose it is, `NOBODY` where that is not known."""
        with self._lock:
            return self._owners.get(name, NOBODY)


def clean(
    store: JobStore,
    limit: int,
    is_open: Callable[[str], bool],
    owners: Owners | None = None,
    browser_limit: int = 0,
) -> Counter[str]:
    """Remove ended jobs, uploads and records, those wanted least lately first, until all together
    take less than `limit` bytes, and those of each owner less than `browser_limit`; returns how
    many each owner's take then. What waits or runs stays, and what somebody has open now, by its
    name."""
    kept = sorted(_all(store), key=lambda one: one.wanted)
    whose = {one.place: NOBODY if owners is None else owners.of(one.place.name) for one in kept}
    sizes: Counter[str] = Counter()
    for one in kept:
        sizes[whose[one.place]] += one.size

    def remove_while(is_too_much: Callable[[str], bool]) -> None:
        for one in kept:
            owner = whose[one.place]
            if not one.place.exists() or not is_too_much(owner) or is_open(one.place.name):
                continue
            if _removed(store, one.place):
                sizes[owner] -= one.size

    # First what is above a browser's own share: others need not make room for that.
    remove_while(lambda owner: owner != NOBODY and sizes[owner] >= browser_limit)
    remove_while(lambda _: sizes.total() >= limit)
    return sizes


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
