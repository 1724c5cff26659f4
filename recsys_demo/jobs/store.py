"""Jobs on disk: a folder per job, named by what the job is, so that equal jobs are one job.

A folder holds `spec.json` (what to do), `claim` (the server that runs it), `status.json`,
`events.jsonl` (one event per line, only ever appended to), `control.json` (what the person wants)
and what the task itself writes. Every reader sees whole files and whole lines only. Servers may
share the folder: what is decided from a status and then written is done under its lock.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from recsys_demo.errors import InputError, Problem
from recsys_demo.values import Frozen, digest, validated

try:
    import fcntl
except ImportError:  # Windows: there one server per folder
    fcntl = None  # type: ignore[assignment] # a module there, nothing here

State = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
ENDED = frozenset({"done", "failed", "cancelled", "lost"})
SPEC, CLAIM, STATUS = "spec.json", "claim", "status.json"
EVENTS, CONTROL = "events.jsonl", "control.json"
LOCK = ".lock"
_ID = re.compile(r"[0-9a-f]{20}")


class JobSpec(Frozen):
    """What to do: a task of the registry and its payload. Equal specs are the same job."""

    task: str = Field(min_length=1, max_length=60)
    payload: dict[str, Any]

    @property
    def id(self) -> str:
        """The name of the job's folder."""
        return digest(self)


class Status(Frozen):
    """How far a job is. `message` says why it failed, in words for the person who started it."""

    state: State
    message: str = ""
    submitted: float = 0.0
    started: float | None = None
    ended: float | None = None

    @property
    def has_ended(self) -> bool:
        """Whether no more events will come."""
        return self.state in ENDED


class Command(Frozen):
    """What the person wants of a running job. A step command counts by its `number`."""

    command: Literal["run", "pause", "step", "stop", "cancel"] = "run"
    unit: Literal["batch", "epoch"] = "batch"
    number: int = 0


@dataclass(frozen=True)
class Events:
    """Events read so far and where to read on."""

    events: list[dict[str, Any]]
    offset: int


class JobStore:
    """The jobs below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # What could not be written because the disk is full: true for as long as this server runs.
        self._unwritten: dict[str, Status] = {}

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """No other server of this folder is in here at the same time. A killed one leaves."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / LOCK).open("a", encoding="utf-8")
        except OSError as error:
            raise self._cannot_write(error) from None
        with file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def path(self, job_id: str) -> Path:
        """The folder of a job. Raises InputError for what cannot be a job's name."""
        if not _ID.fullmatch(job_id):
            raise InputError(
                Problem(
                    what="this is no job",
                    where="job",
                    got=job_id[:40],
                    expected="20 hexadecimal digits",
                    remedy="Start the job again.",
                )
            )
        return self.folder / job_id

    def claim(self, spec: JobSpec) -> bool:
        """Make the job ours to run; False if it has been done or another server is at it.

        Raises InputError, and leaves nothing, where the folder cannot be written.
        """
        folder = self.path(spec.id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / CLAIM).open("x", encoding="utf-8") as file:
                file.write(_this_process())
            write_json(folder / SPEC, spec.model_dump(mode="json"))
            queued = Status(state="queued", submitted=time.time())
            write_json(folder / STATUS, queued.model_dump(mode="json"))
        except FileExistsError:
            return False
        except OSError as error:
            self.forget(spec.id)
            raise self._cannot_write(error) from None
        self._unwritten.pop(spec.id, None)
        return True

    def spec(self, job_id: str) -> JobSpec | None:
        """What the job is, None if there is no such job."""
        content = read_json(self.path(job_id) / SPEC)
        return None if content is None else validated(JobSpec, content, job_id)

    def status(self, job_id: str) -> Status | None:
        """How far the job is, None if there is no such job. A job whose server is gone is lost."""
        status = self._unwritten.get(job_id) or self._read_status(job_id)
        if status is not None and not status.has_ended and not self.is_held(job_id):
            return status.model_copy(
                update={"state": "lost", "message": "The server that ran this was stopped."}
            )
        return status

    def _read_status(self, job_id: str) -> Status | None:
        try:
            return Status.model_validate(read_json(self.path(job_id) / STATUS))
        except ValidationError:
            return None

    def set_status(self, job_id: str, status: Status) -> None:
        """Say how far the job is. On a full disk it is known to this server only."""
        try:
            write_json(self.path(job_id) / STATUS, status.model_dump(mode="json"))
        except OSError:
            self._unwritten[job_id] = status
        else:
            self._unwritten.pop(job_id, None)

    def stamp(self, job_id: str) -> tuple[int, int] | None:
        """Changes whenever the status is written; None if there is none."""
        try:
            found = (self.path(job_id) / STATUS).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def events(self, job_id: str, offset: int = 0) -> Events:
        """Whole events written since `offset` (bytes)."""
        try:
            with (self.path(job_id) / EVENTS).open("rb") as file:
                file.seek(offset)
                data = file.read()
        except OSError:
            return Events([], offset)
        whole = data[: data.rfind(b"\n") + 1]
        events = []
        for line in whole.splitlines():
            # A full disk cuts a line off, and the next one goes on behind it.
            with suppress(ValueError):
                events.append(json.loads(line, object_pairs_hook=_with_shared_names))
        return Events(events, offset + len(whole))

    def command(self, job_id: str, command: Command) -> None:
        """Tell a job what the person wants. Raises InputError where it cannot be written."""
        try:
            write_json(self.path(job_id) / CONTROL, command.model_dump(mode="json"))
        except OSError as error:
            raise self._cannot_write(error) from None

    def wanted(self, job_id: str) -> Command:
        """What the person last told a job; run if nothing."""
        return read_command(self.path(job_id) / CONTROL) or Command()

    def forget(self, job_id: str) -> None:
        """Remove an ended job, so that it can be run again. Whoever looks meanwhile sees all of it
        or nothing."""
        folder, gone = self.path(job_id), self.folder / f".{job_id}.{time.monotonic_ns()}.gone"
        with suppress(OSError):
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        self._unwritten.pop(job_id, None)

    def touch(self, job_id: str) -> None:
        """Note that somebody wants the job: what nobody has wanted for longest is cleaned first."""
        with suppress(OSError):
            os.utime(self.path(job_id))

    def ids(self) -> Iterator[str]:
        """Every job there is, in no order."""
        if self.folder.is_dir():
            yield from (p.name for p in self.folder.iterdir() if _ID.fullmatch(p.name))

    def is_held(self, job_id: str) -> bool:
        """Whether the server that claimed the job still runs."""
        try:
            claim = (self.path(job_id) / CLAIM).read_text(encoding="utf-8")
        except OSError:
            return False
        pid, _, started = claim.partition(" ")
        return pid.isdigit() and bool(started) and _start_of(int(pid)) == started

    def _cannot_write(self, error: OSError) -> InputError:
        return InputError(
            Problem(
                what="the lab cannot write to its folder",
                where=str(self.folder),
                got=error.strerror or str(error),
                expected="a folder that can be written, and free space",
                remedy="Free some space, or set RECSYS_DEMO_HOME to another folder.",
            )
        )


def _with_shared_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a log line. Every line has the same few names: one copy of each is kept, as the
    logs of hundreds of jobs stay in memory."""
    return {sys.intern(name): value for name, value in pairs}


def write_json(path: Path, content: Any) -> None:
    """Replace a file as a whole: a reader sees the old content or the new."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(content))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def read_json(path: Path) -> Any:
    """The content, None if the file is not there or is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def read_command(path: Path) -> Command | None:
    """The command in a control file, None if there is none or it is damaged."""
    try:
        return Command.model_validate(read_json(path))
    except ValidationError:
        return None


def _this_process() -> str:
    return f"{os.getpid()} {_start_of(os.getpid())}"


def _start_of(pid: int) -> str:
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
