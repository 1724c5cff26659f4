"""What a finished job has left: noted with checksums when it ends, and looked at when asked for."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from recsys_demo.training.run_files import checksum

RESULT = "result"
# Longest last line of a log: a result with its reports has some tens of kilobytes.
LAST_BYTES = 4_000_000
KEPT = 2_000


def result_files(folder: Path, notes: frozenset[str]) -> dict[str, str]:
    """Every file below the folder by its relative path, with its checksum; `notes` of the queue
    and files under way are left out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in notes and not path.name.startswith(".") and path.is_file():
            found[name] = checksum(path.read_bytes())
    return found


class Results:
    """Whether results are there and as they were left. Files are read again only where their
    sizes or times have changed."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, tuple[object, bool]] = OrderedDict()
        self._lock = Lock()

    def is_whole(self, log: Path, files: Mapping[str, str] | None) -> bool:
        """Whether the log ends with a result and every file beside it has its checksum. `files` is
        None for a job of before they were noted: its log alone is looked at."""
        paths = [log, *(log.parent / name for name in files or {})]
        stamp = [_stamp(path) for path in paths]
        with self._lock:
            known = self._known.get(log)
            if known is not None and known[0] == stamp:
                self._known.move_to_end(log)
                return known[1]
        whole = None not in stamp and _ends_with_result(log) and _as_left(log.parent, files or {})
        with self._lock:
            self._known[log] = (stamp, whole)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return whole


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _ends_with_result(log: Path) -> bool:
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LAST_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return False
    for line in reversed(lines):
        # A full disk cuts lines off: the last whole one counts, as for who reads the events.
        with suppress(ValueError, RecursionError):
            event = json.loads(line)
            return isinstance(event, dict) and event.get("type") == RESULT
    return False


def _as_left(folder: Path, files: Mapping[str, str]) -> bool:
    try:
        return all(checksum((folder / name).read_bytes()) == known for name, known in files.items())
    except OSError:
        return False
