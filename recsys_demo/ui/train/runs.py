"""The runs the room shows: those of the state, the pinned ones, and this tab's earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.config.run import RunConfig
from recsys_demo.errors import InputError
from recsys_demo.ui import jobs, session
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.choices import choices
from recsys_demo.values import validated

MOST_PINNED = 12
MOST_EARLIER = 24
_EARLIER = "train.earlier"


def recorded(job_id: str) -> Training | None:
    """A run by its job, None if it was never trained on this server."""
    spec = jobs.lab_jobs().workers.store.spec(job_id)
    if spec is None or spec.task != "train":
        return None
    try:
        config = validated(RunConfig, spec.payload.get("config"), "run")
    except InputError:
        return None
    return Training(config, job_id, jobs.view(job_id))


def pinned(state: State, wanted: Sequence[Training]) -> list[Training]:
    """The pinned runs that the state does not ask for anyway."""
    there = {training.job_id for training in wanted}
    found = (recorded(job_id) for job_id in state.pinned if job_id not in there)
    return [training for training in found if training is not None]


def lost_pins(state: State) -> int:
    """Pinned runs of a link that this server has never trained, or has forgotten."""
    return sum(recorded(job_id) is None for job_id in state.pinned)


def earlier(shown: Sequence[Training]) -> list[Training]:
    """What this tab has shown before, newest first; remembers what is done now."""
    kept: list[str] = st.session_state.setdefault(_EARLIER, [])
    kept += [t.job_id for t in shown if t.is_done and t.job_id not in kept]
    del kept[:-MOST_EARLIER]
    there = {training.job_id for training in shown}
    found = (recorded(job_id) for job_id in reversed(kept) if job_id not in there)
    return [training for training in found if training is not None and training.is_done]


def name_of(training: Training, state: State) -> str:
    """The person's name for a run, else its model's, with the seed where there are several."""
    given = choices(state).now.label(training.job_id).name
    return given or label(training.model)


def full_name(training: Training, state: State) -> str:
    """A name that tells the run apart from others of its model."""
    return f"{name_of(training, state)}, seed {training.config.seed}"


def pin(job_ids: Sequence[str]) -> None:
    """Keep these runs in charts and tables whatever changes next."""
    kept = dict.fromkeys([*session.current().pinned, *job_ids])
    session.change(pinned=tuple(kept)[-MOST_PINNED:])


def unpin(job_id: str) -> None:
    """Let a run go again."""
    session.change(pinned=tuple(j for j in session.current().pinned if j != job_id))


def delete(job_id: str) -> None:
    """Remove a run from this server; trained again, it gives the same digits."""
    if job_id in session.current().pinned:
        unpin(job_id)
    jobs.lab_jobs().workers.store.forget(job_id)
