"""Play, pause, step, stop, cancel, rewind: what a person can do to the trainings of the state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from recsys_demo.jobs.store import Command
from recsys_demo.ui import jobs, models, session
from recsys_demo.ui.messages import show_refusal
from recsys_demo.ui.models import Training
from recsys_demo.ui.train.replay import (
    is_playing,
    is_rewound,
    play_recorded,
    replay,
    rewind,
    set_replay,
)
from recsys_demo.ui.widgets import button

SHARED = "train.shared"
PLAY = (
    "Train every model on the same rows, with the same budget and seed; what anybody has trained "
    "already is shown at once"
)
STOP = (
    "End now and keep the best epoch so far. The same settings do not give this result "
    "again, so it is marked as stopped"
)
CANCEL = "End now and keep nothing"
REWIND = (
    "Back to the same initial weights. The same seed gives the same digits, so what is trained "
    "already is played again from its recording, batch steps by its reports"
)


def toolbar(wanted: Sequence[Training]) -> None:
    """The buttons that would do something."""
    if session.hidden("toolbar"):
        return
    busy = [training for training in wanted if training.is_busy]
    held = any(is_held(training) for training in busy)
    moving = (bool(busy) and not held) or is_playing(wanted)
    unfinished = any(not training.is_done or is_rewound(training) for training in wanted)
    begun = any(training.job for training in wanted)
    recorded = any(training.job and training.job.result for training in wanted)
    name, steps = "Resume" if held else "Play", unfinished and not moving
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if moving:
            _button("pause", "Pause", "pause", None, _pause, busy)
        else:
            _button("play", name, "play_arrow", PLAY, _play)
        if steps:
            with st.popover("Step", icon=":material/skip_next:", key="train.steps"):
                for unit, icon in (("batch", "skip_next"), ("epoch", "fast_forward")):
                    told = f"Train one {unit} of every model, then pause"
                    _button(f"step.{unit}", f"Step 1 {unit}", icon, told, _step, unit)
        if busy:
            _button("stop", "Stop", "stop", STOP, _stop, busy)
            _button("cancel", "Cancel", "close", CANCEL, _cancel, busy)
        elif recorded:
            _button("rewind", "Rewind", "replay", REWIND, rewind, wanted)
        if not begun:  # beside the buttons: nothing moves when it goes
            st.caption("Play trains to the end; Step goes batch by batch.", width="stretch")
    for key in ("play", "step.batch", "step.epoch"):
        show_refusal(f"train.{key}")


def _button(
    key: str,
    name: str,
    icon: str,
    told: str | None,
    does: Callable[..., None],
    *args: object,
) -> None:
    """A button that calls `does` with these arguments."""
    button(
        name,
        f"train.{key}",
        does,
        *args,
        type="primary" if key in ("play", "pause") else "secondary",
        icon=f":material/{icon}:",
        help=told,
    )


def is_held(training: Training) -> bool:
    """Paused, or at rest after a step."""
    return training.is_busy and jobs.last_command(training.job_id).command in ("pause", "step")


def is_moving(wanted: Sequence[Training]) -> bool:
    """Whether anything changes by itself."""
    return is_playing(wanted) or any(t.is_busy and not is_held(t) for t in wanted)


def _wanted() -> list[Training]:
    """What is chosen when a button is pressed: a setting may have been changed on the way to it,
    before the page was drawn again."""
    return models.trainings(session.current())


def _play() -> None:
    wanted = _wanted()
    play_recorded(wanted)
    models.train(wanted)
    _tell_all([training for training in wanted if training.is_busy], "run")


def _pause(busy: Sequence[Training]) -> None:
    kept = replay()
    if kept is not None:
        set_replay(kept.paused())
    _tell_all(busy, "pause")


def _stop(busy: Sequence[Training]) -> None:
    _tell_all(busy, "stop")


def _cancel(busy: Sequence[Training]) -> None:
    if not _tell_all(busy, "cancel"):
        rewind(busy)


def _step(unit: str) -> None:
    """Steps are counted, so that two quick clicks are two steps."""
    kept, wanted = replay(), _wanted()
    again = {t.job_id: t.job.events for t in wanted if t.job is not None and is_rewound(t)}
    if kept is not None and again:
        set_replay(kept.stepped(again, "epoch" if unit == "epoch" else "progress"))
    fresh = [training for training in wanted if not training.is_done]
    # As it is now: the page may have been drawn before the first of two clicks.
    views = {training.job_id: jobs.view(training.job_id) for training in fresh}
    models.train(fresh, _step_command(unit, 1))
    for training in fresh:
        begun = views[training.job_id]
        if begun is not None and not begun.status.has_ended:
            _tell(training, _step_command(unit, jobs.last_command(training.job_id).number + 1))


def _step_command(unit: str, number: int) -> Command:
    return Command.model_validate({"command": "step", "unit": unit, "number": number})


def _tell_all(busy: Sequence[Training], command: str) -> bool:
    """Whether all of them obey. What is said about it stays until the next time."""
    st.session_state.pop(SHARED, None)
    told = [
        _tell(t, jobs.last_command(t.job_id).model_copy(update={"command": command})) for t in busy
    ]
    return all(told)


def _tell(training: Training, command: Command) -> bool:
    obeys = jobs.follows_command(training.job_id, command)
    if not obeys:
        st.session_state[SHARED] = True
    return obeys
