"""The jobs of this server, as pages begin, watch and command them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from recsys_demo.jobs.settings import JobSettings
from recsys_demo.jobs.store import Command, JobSpec
from recsys_demo.jobs.watch import JobView, Watcher
from recsys_demo.jobs.workers import Workers, local_workers
from recsys_demo.ui import visitors

# Twice as many seconds between two looks for every so many people more.
PEOPLE_PER_PACE = 3


@dataclass(frozen=True)
class LabJobs:
    """The workers of this server and what is known of their jobs."""

    workers: Workers
    watcher: Watcher


@st.cache_resource(show_spinner=False)
def lab_jobs() -> LabJobs:
    """Started with the first page, shared by all visitors."""
    workers = local_workers(JobSettings.from_environment(), visitors.TABS)
    return LabJobs(workers, Watcher(workers.store))


def start(spec: JobSpec, again: bool = False) -> str:
    """Begin a job, or join it if anybody has begun it; returns its id. `again` does it anew where
    it is done. Raises InputError."""
    return lab_jobs().workers.submit(spec, visitors.visitor(), again)


def view(job_id: str) -> JobView | None:
    """The job as it stands, None if nobody has started it."""
    shared = lab_jobs()
    visitors.show(job_id)
    return shared.watcher.view(job_id, shared.workers.position(job_id))


def command(job_id: str, wanted: Command) -> None:
    """Pause, step, stop or cancel a job, unless others want it too."""
    obeys(job_id, wanted)


def obeys(job_id: str, wanted: Command) -> bool:
    """Pause, step, stop or cancel a job; False if it goes on because others want it too."""
    return lab_jobs().workers.command(job_id, wanted, visitors.visitor())


def wanted(job_id: str) -> Command:
    """The last command given to a job."""
    return lab_jobs().workers.store.wanted(job_id)


def pace(seconds: float | None) -> float | None:
    """How often a page that watches jobs looks again: `seconds` for one person, less often the more
    people's jobs there are, so that their looking leaves the server time for clicks."""
    people = lab_jobs().workers.visitors
    return None if seconds is None else seconds * (1.0 + max(0, people - 1) / PEOPLE_PER_PACE)
