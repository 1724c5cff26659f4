"""The table of runs: how each stands, what they differ in, pinning, and what to take away."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.data.schema import validated
from recsys_demo.errors import InputError
from recsys_demo.experiment_config import RunConfig
from recsys_demo.reproduce import command_text, python_text
from recsys_demo.ui import engine, session
from recsys_demo.ui.engine import Training
from recsys_demo.ui.frame import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.train.curves import epochs_of
from recsys_demo.ui.train.toolbar import is_held

MOST_PINNED = 12
NOTES = "train.notes"


def pinned_trainings(state: State, wanted: Sequence[Training]) -> list[Training]:
    """The pinned runs that are not among the wanted ones; those gone from this server are left
    out."""
    there = {training.job_id for training in wanted}
    found = []
    for job_id in state.pinned:
        spec = engine.engine().workers.store.spec(job_id)
        if job_id in there or spec is None or spec.task != "train":
            continue
        try:
            config = validated(RunConfig, spec.payload.get("config"), "pinned run")
        except InputError:
            continue
        found.append(Training(config, job_id, engine.view(job_id)))
    return found


def run_table(state: State, shown: Sequence[Training]) -> None:
    """How every run stands."""
    memory = engine.memory_slice(engine.schema_of(state))[0]
    notes = _notes(state)
    rows = [_row(training, memory, state, notes) for training in shown]
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")


def _row(training: Training, memory: str, state: State, notes: Mapping[str, str]) -> dict[str, str]:
    result = training.job.result if training.job is not None else None
    result = result if epochs_of(training) else None
    test = result["test"] if result is not None else None
    name = plain(label(training.model))
    return {
        "run": (":material/keep: " if training.job_id in state.pinned else "") + name,
        "note": plain(notes.get(training.job_id, "")),
        "seed": str(training.config.seed),
        "state": progress(training),
        "best epoch": f"{result['best_epoch']} of {result['epochs']}" if result else "–",
        "all": _shown(engine.slice_value(test, "all")),
        "memorize": _shown(engine.slice_value(test, memory)),
        "never seen": _shown(engine.slice_value(test, "never")),
        "rows/s": _speed(training),
    }


def progress(training: Training) -> str:
    """One or two words on how far a run is, with the time left while it trains."""
    job = training.job
    if job is None:
        return "not yet"
    if training.was_stopped:
        return "stopped by you"
    if job.result is not None:
        return f"done, {job.result['train_seconds']:.1f} s"
    if job.status.state == "queued":
        return "waiting" if not job.position else f"waiting behind {job.position}"
    if job.status.has_ended:
        return plain(f"{job.status.state}: {job.status.message}")
    reports = job.of_type("epoch")
    if is_held(training):
        return f"paused in epoch {len(reports) + 1}"
    if not reports:
        return "starting"
    left = (training.config.training.epochs - len(reports)) * reports[-1]["seconds"] / len(reports)
    return f"epoch {len(reports) + 1}, at most {max(1, math.ceil(left))} s left"


def _speed(training: Training) -> str:
    reports = epochs_of(training)
    return f"{reports[-1]['rows_per_second'] / 1e3:,.0f} k" if reports else "–"


def _shown(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "–"


def compare_settings(shown: Sequence[Training]) -> None:
    """Only what differs between the runs, value by value."""
    flat = [_flat(t.config.model_dump(mode="json", exclude={"model": {"name"}})) for t in shown]
    names = list(dict.fromkeys(name for content in flat for name in content))
    names = [n for n in names if len({content.get(n, "–") for content in flat}) > 1]
    if not names:
        st.caption("These runs have the same settings.")
        return
    heads = [f"{label(t.model)}, seed {t.config.seed}" for t in shown]
    columns: dict[str, list[str]] = {"setting": [plain(name) for name in names]}
    for number, (head, content) in enumerate(zip(heads, flat, strict=True)):
        title = head if head not in columns else f"{head} ({number + 1})"
        columns[plain(title)] = [plain(content.get(name, "–")) for name in names]
    st.table(pd.DataFrame(columns), hide_index=True, border="horizontal")


def _flat(content: Any, prefix: str = "") -> dict[str, str]:
    if isinstance(content, dict):
        found: dict[str, str] = {}
        for key, value in content.items():
            found |= _flat(value, f"{prefix}{key}.")
        return found
    if isinstance(content, list) and content and isinstance(content[0], dict):
        found = {}
        for part in content:
            found |= _flat(
                {k: v for k, v in part.items() if k != "kind"}, f"{prefix}{part['kind']}."
            )
            found[f"{prefix}{part['kind']}"] = "on"
        return found
    if isinstance(content, list):
        content = "-".join(map(str, content))
    return {prefix.rstrip(".").removeprefix("model.components."): str(content)}


def take_away(state: State, shown: Sequence[Training]) -> None:
    """Pin, note, and take one run away: folder, Python and shell text."""
    names = {
        training.job_id: f"{label(training.model)}, seed {training.config.seed}"
        + (" (pinned)" if training.job_id in state.pinned else "")
        for training in shown
    }
    job_id = st.selectbox("Run", list(names), format_func=names.__getitem__, key="train.taken")
    training = next(t for t in shown if t.job_id == job_id)
    is_pinned = job_id in state.pinned
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Unpin" if is_pinned else "Pin",
            key="train.pin",
            icon=":material/keep_off:" if is_pinned else ":material/keep:",
            help="A pinned run stays in charts and tables whatever you change next",
            disabled=not is_pinned and (not training.is_done or len(state.pinned) >= MOST_PINNED),
            on_click=_pin,
            args=(job_id,),
        )
        if training.is_done:
            st.download_button(
                "Run folder",
                lambda: _zipped(training.run_folder),
                f"{training.model}-seed{training.config.seed}.zip".replace(" ", "_"),
                "application/zip",
                icon=":material/folder_zip:",
                on_click="ignore",
            )
    st.text_input(
        "Note",
        _notes(state).get(job_id, ""),
        max_chars=80,
        key=f"train.note.{job_id}",
        on_change=_note,
        args=(job_id,),
    )
    command = command_text(training.config)
    st.caption("Trains this run again, to the same digits on the same kind of machine:")
    if command is not None:
        st.code(command, language="bash", wrap_lines=True)
    with st.expander("From Python"):
        st.code(python_text(training.config), language="python")


def _pin(job_id: str) -> None:
    pinned = session.current().pinned
    if job_id in pinned:
        session.change(pinned=tuple(other for other in pinned if other != job_id))
    else:
        session.change(pinned=(*pinned, job_id))


def _notes(state: State) -> dict[str, str]:
    kept = state.control(NOTES, {})
    return {str(k): str(v)[:80] for k, v in kept.items()} if isinstance(kept, dict) else {}


def _note(job_id: str) -> None:
    text = str(st.session_state[f"train.note.{job_id}"]).strip()
    notes = {**_notes(session.current()), job_id: text}
    session.set_control(NOTES, {key: value for key, value in notes.items() if value})


def _zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"run/{file.name}")
    return content.getvalue()
