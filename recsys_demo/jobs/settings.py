"""How much a server's jobs may take, as its environment says."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from recsys_demo.folders import default_home
from recsys_demo.limits import PREFIX
from recsys_demo.machine import memory_bytes, usable_cores
from recsys_demo.values import Frozen, validated

# What the server, with all that is loaded once for its workers, and one worker take when the four
# models of the sample set are trained.
SERVER_BYTES, WORKER_BYTES = 600_000_000, 250_000_000
MOST_WORKERS = 4


def default_workers() -> int:
    """One per core up to four, and no more than the memory holds."""
    room = (memory_bytes() - SERVER_BYTES) // WORKER_BYTES
    return max(1, min(MOST_WORKERS, usable_cores(), room))


class Quota(Frozen):
    """What jobs may take of a server, and one browser of its jobs."""

    queue: int = Field(1_000, ge=1, le=100_000, description="jobs that may wait at once")
    browser_jobs: int = Field(
        100, ge=1, le=100_000, description="jobs of one browser that may wait or run at once"
    )
    job_seconds: int = Field(
        3_600, ge=10, le=1_000_000, description="longest time of one job, pauses included"
    )
    gone_seconds: int = Field(
        900,
        ge=1,
        le=10_000_000,
        description="a job goes on so long after the last browser that wants it has left",
    )
    disk_bytes: int = Field(
        20_000_000_000,
        ge=1_000_000,
        description="size of all jobs and uploads; what nobody wanted for longest goes first",
    )
    browser_disk_bytes: int = Field(
        5_000_000_000,
        ge=1_000_000,
        description="size of the jobs and uploads of one browser; its own oldest go first",
    )


class JobSettings(Quota):
    """Environment variables set these: `RECSYS_DEMO_` and the name in capitals."""

    workers: int = Field(
        default_factory=default_workers,
        ge=1,
        le=64,
        description="worker processes: one core each",
    )
    live: int = Field(
        8,
        ge=0,
        le=10_000,
        description="browsers in which Live may train by itself at once; 0 forbids it",
    )
    home: Path = Field(default_factory=default_home, description="folder of jobs, runs and uploads")
    cluster: str = Field(
        "",
        pattern=r"^(dask://[A-Za-z0-9._-]+:\d{1,5})?$",
        description="Dask scheduler for grids, as dask://HOST:PORT",
    )

    @classmethod
    def from_environment(cls) -> JobSettings:
        """The defaults, overridden by the environment. Raises InputError."""
        given = {
            name: os.environ[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in os.environ
        }
        return validated(cls, given, "environment")
