"""Which files of this machine a log may come from: links name them, and others make links."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from recsys_demo.data import uploads
from recsys_demo.errors import InputError, Problem, excerpt
from recsys_demo.limits import PREFIX

# Folders with the system's path separator between them; not set: any file.
FOLDERS = f"{PREFIX}FOLDERS"
# Logs that a server provides, by the name that stands for them in links: its folders stay its own.
PROVIDED: Mapping[str, str] = MappingProxyType({"server:frappe": f"{PREFIX}FRAPPE"})


def confine() -> None:
    """From now on links may name uploads, what the server provides, and the folders that `FOLDERS`
    allows. Call it wherever others than this machine's own people can reach the lab: a password or
    a proxy says so as well as an address."""
    provided = [os.environ[variable] for variable in PROVIDED.values() if variable in os.environ]
    os.environ.setdefault(FOLDERS, os.pathsep.join(provided))


def is_confined() -> bool:
    """Whether files are read from allowed folders only."""
    return FOLDERS in os.environ


def place(path: Path) -> str:
    """A path as a message may name it: strangers are told its last part only."""
    return excerpt(path.name if is_confined() else str(path))


def reachable(text: str) -> Path:
    """The path that is meant by a path, an upload's name or that of a provided log. Raises
    InputError, before anything is looked at, for one outside of the folders that are allowed."""
    if text in PROVIDED:
        return _provided(PROVIDED[text])
    # Uploads are always within reach: who has the link of one was given it.
    upload = uploads.upload_of(text)
    if upload is not None and (kept := uploads.upload_path(upload)) is not None:
        return kept
    path = Path(text)
    with suppress(RuntimeError):  # ~somebody who has no home: reading will say nothing is there
        path = path.expanduser()
    if upload is not None and (upload.is_by_content or is_confined() or not path.exists()):
        raise InputError(uploads.upload_problem(upload))
    if not is_confined():
        return path
    allowed = [folder for folder in os.environ[FOLDERS].split(os.pathsep) if folder]
    # Suppressed: a loop of links, a zero byte, an endless name.
    with suppress(OSError, ValueError, RuntimeError):
        wanted = path.resolve()
        if any(wanted.is_relative_to(Path(folder).resolve()) for folder in allowed):
            return wanted
    raise InputError(_outside(text))


def is_provided(text: str) -> bool:
    """Whether this names an upload or what the server provides, and no other file of the
    machine."""
    if text in PROVIDED:
        return True
    upload = uploads.upload_of(text)
    if upload is not None and (upload.is_by_content or uploads.upload_path(upload) is not None):
        return True
    folders = [os.environ[variable] for variable in PROVIDED.values() if os.environ.get(variable)]
    with suppress(OSError, ValueError, RuntimeError):
        wanted = Path(text).resolve()
        return any(wanted.is_relative_to(Path(folder).resolve()) for folder in folders)
    return False


def _provided(variable: str) -> Path:
    folder = os.environ.get(variable)
    if not folder:
        raise InputError.of(
            what="this server does not provide that log",
            where="data source",
            got=f"{variable} is not set",
            expected="the folder of the log",
            remedy=f"Set {variable} where the server is started, or choose another log.",
        )
    return Path(folder).expanduser()


def _outside(text: str) -> Problem:
    return Problem(
        what="this server reads no file there",
        where="data source",
        got=excerpt(text),
        expected="a file that was uploaded here",
        remedy=f"Upload it in the Data room, or start the server with {FOLDERS} set to its folder.",
    )
