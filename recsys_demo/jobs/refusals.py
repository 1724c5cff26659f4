"""Why a job is refused or ended, and what to do."""

from __future__ import annotations

from pathlib import Path

from recsys_demo.errors import InputError, excerpt

SERVER_GONE = "The server that ran this was stopped."
RESULT_GONE = "The result is damaged, or part of it was deleted. Start it again for a new one."
LOST = (
    "The worker process was ended from outside, perhaps for lack of memory. "
    "Nothing else was harmed; start it again."
)


def no_job(name: str) -> InputError:
    """What was given cannot be a job's name."""
    return _refused(
        "this is no job", "job", excerpt(name), "20 hexadecimal digits", "Start the job again."
    )


def not_ended(state: str) -> InputError:
    """A job that waits or runs is not removed."""
    return _refused(
        "this job has not ended",
        "job",
        f"one that is {state}",
        "one that has ended",
        "Cancel it first.",
    )


def cannot_write(folder: Path, error: OSError) -> InputError:
    """The folder of jobs takes no files."""
    return _refused(
        "the lab cannot write to its folder",
        str(folder),
        error.strerror or str(error),
        "a folder that can be written, and free space",
        "Free some space, or set RECSYS_DEMO_HOME to another folder.",
    )


def too_many_jobs(mine: int) -> InputError:
    """A browser has as many jobs as it may have."""
    return _refused(
        "this browser has too many jobs",
        "queue",
        f"{mine:,} that wait or run",
        "fewer",
        "Wait until some have ended, or cancel them; then press again for the rest. Who runs the "
        "lab can raise RECSYS_DEMO_BROWSER_JOBS.",
    )


def full_queue(waiting: int) -> InputError:
    """As many jobs wait as may wait."""
    return _refused(
        "too many jobs are waiting",
        "queue",
        f"{waiting:,} jobs",
        "fewer",
        "Wait for some to end, then press again. Who runs the lab can raise RECSYS_DEMO_QUEUE.",
    )


def full_disk(used: int) -> InputError:
    """What may not be removed takes all the space there may be."""
    return _refused(
        "the lab's disk space is used up",
        "disk",
        f"{used / 1e6:,.0f} MB of what runs or is open now",
        "less",
        "Close tabs that are not needed, then press again. Who runs the lab can raise "
        "RECSYS_DEMO_DISK_BYTES.",
    )


def full_share(used: int, more: int) -> InputError:
    """What a browser has on the disk, and wants to put there, is more than its share."""
    return _refused(
        "this browser's disk space is used up",
        "disk",
        f"{used / 1e6:,.0f} MB of its jobs and uploads"
        + (f", and {more / 1e6:,.0f} MB to come" if more else ""),
        "less",
        "Close tabs that are not needed, then press again. Who runs the lab can raise "
        "RECSYS_DEMO_BROWSER_DISK_BYTES.",
    )


def nobody_waits(seconds: int) -> str:
    """All who wanted the job are gone."""
    return (
        f"Cancelled: nobody who asked for it was connected for {_minutes(seconds)}. Start it again."
    )


def took_too_long(seconds: int) -> str:
    """The job has had the longest time a job may have."""
    return (
        f"It took more than {_minutes(seconds)}, the longest a job may take here. Choose a smaller "
        "model or log, or fewer epochs. Who runs the lab can raise RECSYS_DEMO_JOB_SECONDS."
    )


def _minutes(seconds: int) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds} seconds"


def _refused(what: str, where: str, got: str, expected: str, remedy: str) -> InputError:
    return InputError.of(what=what, where=where, got=got, expected=expected, remedy=remedy)
