"""The files of a run without what it takes to use them: torch need not be imported to check."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MANIFEST = "run.json"
FORMAT = 1


def is_whole(folder: Path) -> bool:
    """Whether a run folder is of this version and every file is as it was saved."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        checksums = dict(content["checksums"])
        if content["format"] != FORMAT or not checksums:
            return False
        return all(checksum((folder / n).read_bytes()) == c for n, c in checksums.items())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def checksum(data: bytes) -> str:
    """What `run.json` says of a file's content."""
    return hashlib.sha256(data).hexdigest()
