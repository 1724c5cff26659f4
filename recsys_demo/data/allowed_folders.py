"""Which files of this machine a log may come from: links name them, and others make links."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from recsys_demo.errors import InputError, Problem, shown
from recsys_demo.limits import PREFIX

# Folders with the system's path separator between them; not set: any file. `serve` sets it where
# others than this machine's own people can reach the lab.
FOLDERS = f"{PREFIX}FOLDERS"


def reachable(text: str) -> Path:
    """The path that is meant. Raises InputError, before anything is looked at, for one outside of
    the folders that are allowed."""
    path = Path(text)
    with suppress(RuntimeError):  # ~somebody who has no home: reading will say nothing is there
        path = path.expanduser()
    if FOLDERS not in os.environ:
        return path
    # Uploads are always within reach: who has the link of one was given it.
    allowed = [Path(os.environ.get(f"{PREFIX}HOME", ".lab")) / "uploads"]
    allowed += [Path(folder) for folder in os.environ[FOLDERS].split(os.pathsep) if folder]
    # Suppressed: a loop of links, a zero byte, an endless name.
    with suppress(OSError, ValueError, RuntimeError):
        wanted = path.resolve()
        if any(wanted.is_relative_to(folder.resolve()) for folder in allowed):
            return wanted
    raise InputError(
        Problem(
            what="this server reads no file there",
            where="data source",
            got=shown(text),
            expected="a file that was uploaded here",
            remedy=f"Upload it in the Data room, or start the server with {FOLDERS} set to its "
            "folder.",
        )
    )
