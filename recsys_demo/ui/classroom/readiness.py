"""The teacher's tab for the day: what the machine can do for thirty, whether phones reach it, and
the runs that lessons need, trained beforehand."""

from __future__ import annotations

import math
import shutil
import socket
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.files import LESSONS, built_in
from recsys_demo.ui import jobs, models
from recsys_demo.ui.classroom.invitation import class_address
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.entrance import LOCAL
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State

PEOPLE = 30
LONG_WAIT = 60.0  # seconds
LEAST_DISK = 2e9  # bytes
REACH_SECONDS = 1.0
PACK = "class.pack"


@dataclass(frozen=True)
class Check:
    """Whether something is as a class needs it, in a sentence."""

    is_good: bool
    told: str


def readiness_tab(_state: State, _found: Seat, _teacher: Teacher, _choices: Any) -> None:
    """Every check with its sentence; what the eye must decide; the pack."""
    for check in checks():
        icon = "check_circle" if check.is_good else "warning"
        st.markdown(f":material/{icon}: {plain(check.told)}")
    st.caption(
        "Contrast: go to the back row. This line is the faintest text of the lab; if it cannot be "
        "read, switch *Projector* on in the sidebar, or darken the room."
    )
    _pack()


def checks() -> Iterator[Check]:
    """What can be found out from here."""
    yield _workers()
    yield _wait()
    free = shutil.disk_usage(class_store().path.parent).free
    yield Check(free > LEAST_DISK, f"{free / 1e9:,.0f} GB of disk are free.")
    yield _reach()


def _workers() -> Check:
    running, workers, waiting = jobs.lab_jobs().workers.load
    told = f"{workers} worker{'s' if workers != 1 else ''}, {running} busy, {waiting} jobs waiting."
    return Check(waiting == 0, told)


def _wait() -> Check:
    """If thirty people train four models each of their own at once, the last one waits so long."""
    done = [one for one in models.trainings(State()) if one.is_done]
    took = [one.job.result["train_seconds"] for one in done if one.job and one.job.result]
    if not took:
        return Check(False, "How long a class waits is known once the pack below is trained.")
    workers = max(1, jobs.lab_jobs().workers.load[1])
    seconds = math.ceil(4 * PEOPLE * statistics.fmean(took) / workers)
    return Check(
        seconds <= LONG_WAIT,
        f"If {PEOPLE} people train four different models each at once, the last waits about "
        f"{seconds} s. What somebody has trained already is there at once for everybody.",
    )


def _reach() -> Check:
    """Whether this server answers under the address that is projected."""
    parts = urlsplit(class_address())
    if parts.hostname in LOCAL:
        return Check(False, "Only this machine can open the address: serve --address 0.0.0.0")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((str(parts.hostname), port), REACH_SECONDS).close()
    except OSError:
        return Check(False, f"{parts.netloc} does not answer: a firewall may be in between.")
    return Check(True, f"{parts.netloc} answers. Scan the code with one phone to be sure.")


def pack_states() -> Iterator[State]:
    """What the steps of the lessons need, on the sample set as it is shipped."""
    for key in LESSONS:
        for _, state in moves.along(built_in(key).lesson, State()):
            yield state


def _pack_trainings() -> list[Training]:
    """Every run that a step of the lessons needs, once."""
    every = (one for state in pack_states() for one in models.trainings(state))
    return list({one.job_id: one for one in every}.values())


def _pack() -> None:
    """Lessons work while the workers are busy if all that they need is trained."""
    wanted = _pack_trainings()
    done = sum(training.is_done for training in wanted)
    st.markdown("**What the lessons need, trained beforehand**")
    st.progress(done / len(wanted), f"{done} of {len(wanted)} models are trained")
    if done < len(wanted):
        jobs.start_button("Train them now", PACK, models.train, wanted)
        busy = [training for training in wanted if training.is_busy]
        if busy:
            models.watched_trainings("class.pack.watched", busy)
