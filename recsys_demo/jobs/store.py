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
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from recsys_demo.jobs.notes import read_json, write_json
from recsys_demo.jobs.refusals import RESULT_GONE, SERVER_GONE, cannot_write, no_job, not_ended
from recsys_demo.jobs.results import Results, result_files
from recsys_demo.machine import process_start
from recsys_demo.values import Frozen, digest, validated

try:
    import fcntl
except ImportError:  # Windows: there one server per folder
    fcntl = None  # type: ignore[assignment] # a module there, nothing here

State = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
ENDED = frozenset({"done", "failed", "cancelled", "lost"})
SPEC, CLAIM, STATUS = "spec.json", "claim", "status.json"
EVENTS, CONTROL = "events.jsonl", "control.json"
NOTES = frozenset({SPEC, CLAIM, STATUS, EVENTS, CONTROL})
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
    """How far a job is. `message` says why it failed, in words for the person who started it.

    `attempt` tells one start of the job from the next. `files` are those that a finished one has
    left, with their checksums; None where they were not noted.
    """

    state: State
    message: str = ""
    attempt: str = ""
    files: dict[str, str] | None = None
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
        self._results = Results()
        # What could not be written because the disk is full: true for as long as this server runs.
        self._unwritten: dict[str, Status] = {}

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """No other server of this folder is in here at the same time. A killed one leaves."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / LOCK).open("a", encoding="utf-8")
        except OSError as error:
            raise cannot_write(self.folder, error) from None
        with file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def path(self, job_id: str) -> Path:
        """The folder of a job. Raises InputError for what cannot be a job's name."""
        if not _ID.fullmatch(job_id):
            raise no_job(job_id)
        return self.folder / job_id

    def claim(self, spec: JobSpec) -> str | None:
        """Make the job ours to run; returns the name of this attempt, None if the job has been done
        or another server is at it.

        Raises InputError, and leaves nothing, where the folder cannot be written.
        """
        folder = self.path(spec.id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / CLAIM).open("x", encoding="utf-8") as file:
                file.write(f"{os.getpid()} {process_start(os.getpid())}")
            write_json(folder / SPEC, spec.model_dump(mode="json"))
            queued = Status(state="queued", attempt=secrets.token_hex(8), submitted=time.time())
            write_json(folder / STATUS, queued.model_dump(mode="json"))
        except FileExistsError:
            return None
        except OSError as error:
            self.clear(spec.id)
            raise cannot_write(self.folder, error) from None
        self._unwritten.pop(spec.id, None)
        return queued.attempt

    def spec(self, job_id: str) -> JobSpec | None:
        """What the job is, None if there is no such job."""
        content = read_json(self.path(job_id) / SPEC)
        return None if content is None else validated(JobSpec, content, job_id)

    def status(self, job_id: str) -> Status | None:
        """How far the job is, None if there is no such job. A job whose server is gone is lost, and
        so is one whose result is not there or not as it was left."""
        status = self._unwritten.get(job_id) or self._read_status(job_id)
        if status is None or self.holds(job_id, status):
            return status
        message = RESULT_GONE if status.state == "done" else SERVER_GONE
        return status.model_copy(update={"state": "lost", "message": message})

    def attempt(self, job_id: str) -> str | None:
        """The name of the job's last attempt, None if there is none."""
        status = self._read_status(job_id)
        return None if status is None else status.attempt

    def holds(self, job_id: str, status: Status) -> bool:
        """Whether what the job was last known to be still holds."""
        if status.state == "done":
            return self._results.is_whole(self.path(job_id) / EVENTS, status.files)
        return status.has_ended or self.is_held(job_id)

    def left_files(self, job_id: str) -> dict[str, str]:
        """What the task has written into the job's folder, with checksums."""
        return result_files(self.path(job_id), NOTES)

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
            raise cannot_write(self.folder, error) from None

    def wanted(self, job_id: str) -> Command:
        """What the person last told a job; run if nothing."""
        return read_command(self.path(job_id) / CONTROL) or Command()

    def forget(self, job_id: str) -> None:
        """Remove an ended job with all that it left. Raises InputError while it waits or runs."""
        with self.exclusive():
            status = self.status(job_id)
            if status is not None and not status.has_ended:
                raise not_ended(status.state)
            self.clear(job_id)

    def clear(self, job_id: str) -> None:
        """Remove the job whatever it is: for who holds the lock. Whoever looks meanwhile sees it
        whole or not at all."""
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
        return pid.isdigit() and bool(started) and process_start(int(pid)) == started


def _with_shared_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of a log line. Every line has the same few names: one copy of each is kept, as the
    logs of hundreds of jobs stay in memory."""
    return {sys.intern(name): value for name, value in pairs}


def read_command(path: Path) -> Command | None:
    """The command in a control file, None if there is none or it is damaged."""
    try:
        return Command.model_validate(read_json(path))
    except ValidationError:
        return None
