"""Rewound runs: back at their initial weights, then played again from what was recorded.

The same seed gives the same digits, so nothing need be trained again to watch it again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from recsys_demo.ui.models import Training

_REPLAY = "train.replay"
Event = dict[str, Any]


@dataclass(frozen=True)
class Replay:
    """How many seconds of each run's work are shown again; `since` is set while it plays."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    since: float | None = None

    def shown(self, job_id: str) -> float:
        """Seconds of work shown of a run now."""
        playing = 0.0 if self.since is None else time.monotonic() - self.since
        return self.seconds[job_id] + playing

    def paused(self) -> Replay:
        """The same, standing still."""
        return Replay({job: self.shown(job) for job in self.seconds})

    def playing(self) -> Replay:
        """The same, going on from here."""
        return Replay(self.paused().seconds, time.monotonic())

    def stepped(self, runs: Mapping[str, Sequence[Event]], kind: str) -> Replay:
        """Every run moved on to its next recorded event of a type; to its end if there is none."""
        return Replay({job: _next(events, self.shown(job), kind) for job, events in runs.items()})


def _next(events: Sequence[Event], shown: float, kind: str) -> float:
    coming = (e["seconds"] for e in events if e.get("type") == kind and e["seconds"] > shown)
    return float(next(coming, _length(events)))


def _length(events: Sequence[Event]) -> float:
    return max((float(event["seconds"]) for event in events if "seconds" in event), default=0.0)


def replay() -> Replay | None:
    """What this tab has rewound, None if nothing."""
    kept = st.session_state.get(_REPLAY)
    return kept if isinstance(kept, Replay) else None


def set_replay(changed: Replay | None) -> None:
    """Rewind, play, pause, or show everything (None)."""
    st.session_state[_REPLAY] = changed


def rewind(runs: Sequence[Training]) -> None:
    """Back to the initial weights."""
    set_replay(Replay({run.job_id: 0.0 for run in runs if run.job is not None}))


def play_recorded(runs: Sequence[Training]) -> None:
    """Play on what is recorded whole; what is not will be trained from its start."""
    kept = replay()
    if kept is None:
        return
    whole = {run.job_id: kept.shown(run.job_id) for run in runs if run.is_done and is_rewound(run)}
    set_replay(Replay(whole).playing() if whole else None)


def is_rewound(run: Training) -> bool:
    """Whether not everything recorded of this run is shown. One that ended without a result, as
    when somebody else cancelled it, left nothing that could be played again."""
    kept = replay()
    if kept is None or run.job is None or run.job_id not in kept.seconds:
        return False
    if run.job.status.has_ended and run.job.result is None:
        return False
    return kept.shown(run.job_id) < _length(run.job.events) or not run.job.events


def is_playing(runs: Sequence[Training]) -> bool:
    """Whether a replay of one of these runs goes on."""
    kept = replay()
    return kept is not None and kept.since is not None and any(is_rewound(run) for run in runs)


def events(run: Training, kind: str) -> list[Event]:
    """The run's events of a type that are shown now, oldest first."""
    kept = replay()
    if run.job is None:
        return []
    found = run.job.of_type(kind)
    if kept is None or not is_rewound(run):
        return found
    return [event for event in found if event.get("seconds", 0.0) <= kept.shown(run.job_id)]


def as_shown(run: Training) -> Training:
    """The run as it stood at the moment that is shown."""
    kept = replay()
    if kept is None or run.job is None or not is_rewound(run):
        return run
    until = kept.shown(run.job_id)
    seen = [event for event in run.job.events if event.get("seconds", 0.0) <= until]
    status = run.job.status.model_copy(update={"state": "running"})
    return replace(run, job=replace(run.job, status=status, events=seen))


def result(run: Training) -> dict[str, Any] | None:
    """What the run ended with, None before it has or while it is rewound."""
    return None if run.job is None or is_rewound(run) else run.job.result
