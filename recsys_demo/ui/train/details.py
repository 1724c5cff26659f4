"""One run: pin, rename, note, delete, and take it away."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from recsys_demo.training.reproduce import command_text, python_text
from recsys_demo.ui import session
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.choices import choices
from recsys_demo.ui.train.runs import MOST_PINNED, delete, full_name, pin, unpin
from recsys_demo.ui.widgets import bound, button

_TAKEN = "train.taken"


def details(state: State, runs: Sequence[Training]) -> None:
    """Choose one of the runs, if there are any, and do something with it."""
    if not runs:
        return
    names = {
        training.job_id: full_name(training, state)
        + (" (pinned)" if training.job_id in state.pinned else "")
        for training in runs
    }
    if st.session_state.get(_TAKEN) not in names:
        st.session_state.pop(_TAKEN, None)
    job_id = st.selectbox("Run", list(names), format_func=names.__getitem__, key=_TAKEN)
    training = next(t for t in runs if t.job_id == job_id)
    _actions(state, training)
    _labels(state, training)
    _reproduce(training)


def _actions(state: State, training: Training) -> None:
    is_pinned = training.job_id in state.pinned
    full = len(state.pinned) >= MOST_PINNED
    with st.container(horizontal=True, vertical_alignment="bottom"):
        button(
            "Unpin" if is_pinned else "Pin",
            "train.pin",
            partial(unpin, training.job_id) if is_pinned else partial(pin, [training.job_id]),
            icon=":material/keep_off:" if is_pinned else ":material/keep:",
            help="A pinned run stays in charts and tables when you change settings",
            disabled=not is_pinned and (not training.is_done or full),
        )
        if training.is_done:
            st.download_button(
                "Run folder",
                lambda: zip_content(training.run_folder),
                f"{training.model}-seed{training.config.seed}.zip".replace(" ", "_"),
                "application/zip",
                icon=":material/folder_zip:",
                on_click="ignore",
            )
        button(
            "Delete",
            "train.delete",
            delete,
            training.job_id,
            icon=":material/delete:",
            help="Removes the run from this server, for everybody; trained again it gives the "
            "same digits",
            disabled=training.job is None or training.is_busy,
        )


def _labels(state: State, training: Training) -> None:
    label = choices(state).now.label(training.job_id)
    left, right = st.columns([1, 2])
    for column, name, told in ((left, "name", "Name"), (right, "note", "Note")):
        with column:
            st.text_input(
                told,
                max_chars=40 if name == "name" else 80,
                placeholder=full_name(training, state) if name == "name" else "what you learned",
                **bound(
                    f"train.{name}.{training.job_id}",
                    getattr(label, name),
                    partial(_relabel, training.job_id, name),
                ),
            )


def _relabel(job_id: str, name: str, text: str) -> None:
    kept = choices(session.current())
    label = kept.now.label(job_id).model_copy(update={name: " ".join(text.split())})
    kept.update(labels=kept.now.labelled(label))


def _reproduce(training: Training) -> None:
    command = command_text(training.config)
    st.caption("Trains this run again, to the same digits on the same kind of machine:")
    if command is not None:
        st.code(command, language="bash", wrap_lines=True)
    else:
        st.caption("The command line cannot express this model or its data; use Python.")
    with st.expander("From Python"):
        st.code(python_text(training.config), language="python")


def zip_content(folder: Path) -> bytes:
    """A run folder as one file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"run/{file.name}")
    return content.getvalue()
