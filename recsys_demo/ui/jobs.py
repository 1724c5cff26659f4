"""The jobs of this server, as pages begin, watch and command them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from recsys_demo.jobs.orders import Orders, standing_orders
from recsys_demo.jobs.settings import JobSettings
from recsys_demo.jobs.store import Command, JobSpec
from recsys_demo.jobs.watch import JobView, Watcher
from recsys_demo.jobs.workers import Workers, local_workers
from recsys_demo.ui import session, visitors
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.messages import fragment, show_refusal
from recsys_demo.ui.widgets import button
from recsys_demo.ui.withheld import is_job_withheld, withheld_names

# Twice as many seconds between two looks for every so many people more.
PEOPLE_PER_PACE = 3
TICK_SECONDS = 0.6
ALMOST = 0.95  # where a bar that goes by the clock waits for the end


@dataclass(frozen=True)
class LabJobs:
    """The workers of this server, what is known of their jobs, and what tabs want that train
    live."""

    workers: Workers
    watcher: Watcher
    orders: Orders


@st.cache_resource(show_spinner=False)
def lab_jobs() -> LabJobs:
    """Started with the first page, shared by all visitors."""
    settings = JobSettings.from_environment()
    workers = local_workers(settings, visitors.TABS)
    orders = standing_orders(workers, settings.live, visitors.TABS)
    return LabJobs(workers, Watcher(workers.store), orders)


def start(spec: JobSpec, again: bool = False, first: Command | None = None) -> str:
    """Begin a job, or join it if anybody has begun it; returns its id. `again` does it anew where
    it is done; a job that begins finds the command `first`. Raises InputError."""
    return lab_jobs().workers.submit(spec, visitors.visitor(), again, first)


def view(job_id: str) -> JobView | None:
    """The job as it stands, None if nobody has started it, or if what it found is withheld."""
    shared = lab_jobs()
    visitors.show(job_id)
    if withheld_names(session.current()):
        spec = shared.workers.store.spec(job_id)
        if spec is not None and is_job_withheld(session.current(), spec.task, spec.payload):
            return None
    return shared.watcher.view(job_id, shared.workers.position(job_id))


def command(job_id: str, wanted: Command) -> None:
    """Pause, step, stop or cancel a job, unless others want it too."""
    follows_command(job_id, wanted)


def follows_command(job_id: str, wanted: Command) -> bool:
    """Pause, step, stop or cancel a job; False if it goes on because others want it too."""
    return lab_jobs().workers.command(job_id, wanted, visitors.visitor())


def last_command(job_id: str) -> Command:
    """The last command given to a job."""
    return lab_jobs().workers.store.wanted(job_id)


def pace(seconds: float | None) -> float | None:
    """How often a page that watches jobs looks again: `seconds` for one person, less often the more
    people's jobs there are, so that their looking leaves the server time for clicks."""
    people = lab_jobs().workers.visitors
    return None if seconds is None else seconds * (1.0 + max(0, people - 1) / PEOPLE_PER_PACE)


def start_button(
    label: str, key: str, begin: Callable[..., object], *args: object, **look: Any
) -> None:
    """The button that begins jobs: it calls `begin` with these arguments. What is refused, by a
    full queue or a folder that cannot be written, is shown by it."""
    look = {"type": "primary", "icon": ":material/play_arrow:", **look}
    button(label, key, begin, *args, **look)
    show_refusal(key)


def cancel_button(job_id: str) -> None:
    """The button that ends a job and keeps nothing."""
    button("Cancel", f"cancel.{job_id}", command, job_id, Command(command="cancel"))


def watched(name: str, rate: Callable[[], float | None], draw: Callable[[], None]) -> None:
    """A part of the page that is drawn again every `rate()` seconds, None for never. The whole page
    is drawn again once the rate is another, as something has begun or ended, or once a control of
    the part has changed what is chosen: the page, and this part, were drawn for other choices."""
    seconds, state = rate(), session.current()

    def is_outdated() -> bool:
        return session.current() != state or rate() != seconds

    def look() -> None:
        if is_outdated():
            st.rerun()
        draw()
        if is_outdated():
            st.rerun()

    fragment(look, name, pace(seconds))()


def watched_jobs(name: str, job_ids: Sequence[str], draw: Callable[[list[JobView]], None]) -> None:
    """Jobs at work, drawn again and again until one of them ends: then the whole page is."""

    def look() -> None:
        views = [view(job_id) for job_id in job_ids]
        at_work = [job for job in views if job is not None and not job.status.has_ended]
        if len(at_work) < len(job_ids):
            st.rerun()
        draw(at_work)

    fragment(look, name, pace(TICK_SECONDS))()


def progress_bar(job: JobView, meanwhile: str = "") -> None:
    """How far a job is, and the button that ends it."""
    steps = job.of_type("progress")
    fraction, text = 0.0, "waiting for a worker"
    if job.position:
        text = f"waiting behind {job.position}"
    elif steps:
        fraction, text = _standing(steps[-1], time.time())
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.progress(fraction, f"{text}; {meanwhile}" if meanwhile else text)
    with right:
        cancel_button(job.id)


def _standing(step: Mapping[str, Any], now: float) -> tuple[float, str]:
    """Fraction and text of a job's last step; one that takes known seconds moves by the clock."""
    fraction, text = min(float(step["fraction"]), 1.0), str(step["message"])
    if not step.get("seconds"):
        return fraction, text
    gone, whole = max(0.0, now - float(step["at"])), float(step["seconds"])
    moved = fraction + (ALMOST - fraction) * min(gone / whole, 1.0)
    left = whole - gone
    return moved, f"{text}, " + (f"about {math.ceil(left)} s left" if left > 0 else "nearly there")


def job_result(spec: JobSpec, ask: str, label: str, **look: Any) -> JobView | None:
    """The job if it is done. Else its progress, or what it would do (`ask`) and the button."""
    job = view(spec.id)
    if job is not None and job.status.state == "done":
        return job
    if job is not None and not job.status.has_ended:
        watched_jobs(f"watched.{spec.id}", [spec.id], lambda found: progress_bar(found[0]))
        return None
    if job is not None and job.status.message:
        st.warning(plain(job.status.message), icon=":material/error:")
    st.markdown(ask)
    start_button(label, f"begin.{spec.task}", start, spec, **look)
    return None
