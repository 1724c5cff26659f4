"""What a live tab wants trained: what its state describes, told to the queue when it changes."""

from __future__ import annotations

from collections.abc import Sequence

from recsys_demo.jobs.store import JobSpec
from recsys_demo.jobs.training_task import train_job
from recsys_demo.ui import jobs, visitors
from recsys_demo.ui.live.dots import by_model
from recsys_demo.ui.models import Training
from recsys_demo.ui.session import session_id
from recsys_demo.ui.state import State

ROOMS = ("ablate",)  # that have jobs of their own


def follow(wanted: Sequence[Training]) -> bool:
    """Have these trained, the models side by side; what this tab asked for before ends. False where
    too many others train live. Raises InputError."""
    slots = {
        f"{place}": tuple(train_job(training.config) for training in own)
        for place, own in enumerate(by_model(wanted))
    }
    return jobs.lab_jobs().orders.place(session_id(), visitors.visitor(), slots)


def follow_room(room: str, specs: Sequence[JobSpec]) -> bool:
    """The same for jobs that a room has besides the models, one after another."""
    orders = jobs.lab_jobs().orders
    return orders.place(_of_room(room), visitors.visitor(), {room: tuple(specs)})


def awaits_room(state: State, room: str) -> bool:
    """Whether jobs of the room are still to come by themselves."""
    return state.live and jobs.lab_jobs().orders.is_awaited(_of_room(room))


def stop_following() -> None:
    """This tab trains live no more, in no room."""
    orders = jobs.lab_jobs().orders
    for tab in (session_id(), *map(_of_room, ROOMS)):
        orders.withdraw(tab)


def _of_room(room: str) -> str:
    return f"{session_id()} {room}"


def is_under_way(state: State, wanted: Sequence[Training]) -> bool:
    """Whether any of these trains, or will without another click."""
    if any(training.is_busy for training in wanted):
        return True
    return state.live and jobs.lab_jobs().orders.is_awaited(session_id())
