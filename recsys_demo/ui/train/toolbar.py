"""Play, pause, step, stop, cancel, rewind: what a person can do to the trainings of the state."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.errors import LabError
from recsys_demo.jobs.store import Command
from recsys_demo.ui import engine, session
from recsys_demo.ui.engine import Training
from recsys_demo.ui.state import State

REFUSED = "train.refused"
REWOUND = "train.rewound"


def toolbar(state: State, wanted: Sequence[Training]) -> None:
    """The buttons; those that would do nothing are greyed."""
    if session.hidden("toolbar"):
        return
    busy = [training for training in wanted if training.is_busy]
    held = any(is_held(training) for training in busy)
    fresh = [training for training in wanted if not training.is_done]
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Resume" if held else "Play",
            key="train.play",
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(busy) and not held,
            help="Train every model below; what is trained already is shown at once",
            on_click=_play,
            args=(wanted, busy),
        )
        st.button(
            "Pause",
            key="train.pause",
            icon=":material/pause:",
            disabled=not busy or held,
            on_click=_tell_all,
            args=(busy, "pause"),
        )
        for unit in ("batch", "epoch"):
            st.button(
                f"Step 1 {unit}",
                key=f"train.step.{unit}",
                icon=":material/skip_next:" if unit == "batch" else ":material/fast_forward:",
                disabled=not fresh or (bool(busy) and not held),
                help=f"Train one {unit} of every model, then pause",
                on_click=_step,
                args=(wanted, unit),
            )
        st.button(
            "Stop",
            key="train.stop",
            icon=":material/stop:",
            disabled=not busy,
            help="End now and keep the best epoch so far. The result is not the one others get "
            "from the same settings, so it is told apart by its stop",
            on_click=_tell_all,
            args=(busy, "stop"),
        )
        st.button(
            "Cancel",
            key="train.cancel",
            icon=":material/close:",
            disabled=not busy,
            help="End now and keep nothing",
            on_click=_tell_all,
            args=(busy, "cancel"),
        )
        st.button(
            "Rewind",
            key="train.rewind",
            icon=":material/replay:",
            disabled=bool(busy) or not any(training.job for training in wanted),
            help="Back to the same initial weights: the same seed gives the same curve again",
            on_click=_rewind,
            args=(wanted,),
        )


def is_held(training: Training) -> bool:
    """Paused, or at rest after a step."""
    return training.is_busy and engine.wanted(training.job_id).command in ("pause", "step")


def rewound() -> set[str]:
    """Jobs whose curves this person has wound back to the start."""
    kept: set[str] = st.session_state.setdefault(REWOUND, set())
    return kept


def _play(wanted: Sequence[Training], busy: Sequence[Training]) -> None:
    rewound().difference_update(training.job_id for training in wanted)
    _try_start(wanted)
    _tell_all(busy, "run")


def _step(wanted: Sequence[Training], unit: str) -> None:
    """Steps are counted, so that two quick clicks are two steps."""
    rewound().difference_update(training.job_id for training in wanted)
    fresh = [training for training in wanted if not training.is_done]
    _try_start(fresh)
    for training in fresh:
        number = engine.wanted(training.job_id).number + 1
        command = {"command": "step", "unit": unit, "number": number}
        engine.command(training.job_id, Command.model_validate(command))


def _tell_all(busy: Sequence[Training], command: str) -> None:
    for training in busy:
        told = engine.wanted(training.job_id).model_copy(update={"command": command})
        engine.command(training.job_id, told)


def _rewind(wanted: Sequence[Training]) -> None:
    rewound().update(training.job_id for training in wanted)


def _try_start(wanted: Sequence[Training]) -> None:
    try:
        engine.start_all(wanted)
    except LabError as error:
        st.session_state[REFUSED] = error
