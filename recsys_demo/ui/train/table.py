"""How every run stands, and what its settings are that others' are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.csv_export import to_csv
from recsys_demo.ui import datasets, models
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.choices import choices
from recsys_demo.ui.train.replay import events, is_rewound, result
from recsys_demo.ui.train.runs import full_name, name_of
from recsys_demo.ui.train.toolbar import is_held

MOST_DIFFERENCES = 60


def run_table(state: State, shown: Sequence[Training]) -> None:
    """How every run stands."""
    rows = [_row(training, state) for training in shown]
    for row, training in zip(rows, shown, strict=True):
        row["run"] = (":material/keep: " if training.job_id in state.pinned else "") + row["run"]
    st.table(pd.DataFrame(rows), hide_index=True, border="horizontal")


def _row(training: Training, state: State) -> dict[str, str]:
    ended = result(training)
    test = ended["test"] if ended is not None else None
    memory, memory_name = datasets.memory_slice(state)
    return {
        "run": plain(name_of(training, state)),
        "seed": str(training.config.seed),
        "state": plain(progress(training)),
        "best epoch": f"{ended['best_epoch']} of {ended['epochs']}" if ended else "–",
        "test AUC, all": _cell(models.slice_value(test, "all")),
        memory_name: _cell(models.slice_value(test, memory)),
        "never seen": _cell(models.slice_value(test, "never")),
        "rows/s": _speed(training),
        "note": plain(choices(state).now.label(training.job_id).note),
    }


def progress(training: Training) -> str:
    """A few words on how far a run is, with the time left while it trains."""
    job = training.job
    if job is None:
        return "not yet"
    if is_rewound(training):
        return f"rewound to epoch {len(events(training, 'epoch'))}"
    if training.was_stopped:
        return "stopped by you"
    if job.result is not None:
        return f"done, {job.result['train_seconds']:.1f} s"
    if job.status.state == "queued":
        return f"waiting, {job.position} before it" if job.position else "waiting, next"
    if job.status.has_ended:
        return job.status.state
    return _under_way(training)


def _under_way(training: Training) -> str:
    reports = events(training, "epoch")
    if is_held(training):
        return f"paused in epoch {len(reports) + 1}{_batch(training, len(reports))}"
    if not reports:
        return "starting"
    left = (training.config.training.epochs - len(reports)) * reports[-1]["seconds"] / len(reports)
    return f"epoch {len(reports) + 1}, at most {max(1, math.ceil(left))} s left"


def _batch(training: Training, epochs: int) -> str:
    steps = events(training, "progress")
    if not steps:
        return ""
    per_epoch = steps[-1]["steps_per_epoch"]
    return f", {max(0, steps[-1]['step'] - epochs * per_epoch)} of {per_epoch} batches"


def _speed(training: Training) -> str:
    reports = events(training, "epoch") or events(training, "progress")
    return f"{reports[-1]['rows_per_second']:,.0f}" if reports else "–"


def _cell(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "–"


def table_file(state: State, shown: Sequence[Training]) -> None:
    """The run table with every setting and every digit, as a file made when it is asked for."""
    rows = [_whole_row(training, state) for training in shown]
    st.download_button(
        "Runs as CSV",
        lambda: to_csv(pd.DataFrame(rows)),
        "runs.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _whole_row(training: Training, state: State) -> dict[str, Any]:
    ended = result(training)
    slices = ended["test"]["slices"] if ended is not None else {}
    metrics = {
        f"test.{key}.{metric}": value
        for key, values in slices.items()
        for metric, value in values.items()
    }
    return {**_row(training, state), **settings_of(training), **metrics}


def compare_settings(state: State, shown: Sequence[Training]) -> None:
    """What differs between the runs, value by value; what is unlike the first run is marked."""
    flat = [settings_of(training) for training in shown]
    names = list(dict.fromkeys(name for content in flat for name in content))
    names = [n for n in names if len({content.get(n, "–") for content in flat}) > 1]
    if not names:
        st.caption("These runs have the same settings. Change one, or pin a run and change it.")
        return
    columns: dict[str, list[str]] = {"setting": [plain(n) for n in names[:MOST_DIFFERENCES]]}
    for number, (training, content) in enumerate(zip(shown, flat, strict=True)):
        head = plain(full_name(training, state))
        values = [(content.get(n, "–"), flat[0].get(n, "–")) for n in names[:MOST_DIFFERENCES]]
        columns[head if head not in columns else f"{head} ({number + 1})"] = [
            plain(value) if value == first else f":primary-background[{plain(value)}]"
            for value, first in values
        ]
    st.table(pd.DataFrame(columns), hide_index=True, border="horizontal")
    st.caption("Highlighted: differs from the first run. Settings all runs share are left out.")


def settings_of(training: Training) -> dict[str, str]:
    """Every setting of a run by its name, as in `deep.optimizer.learning_rate`."""
    return _flat(training.config.model_dump(mode="json", exclude={"model": {"name"}}))


def _flat(content: Any, prefix: str = "") -> dict[str, str]:
    if isinstance(content, dict):
        found: dict[str, str] = {}
        for key, value in content.items():
            found |= _flat(value, f"{prefix}{key}.")
        return found
    if isinstance(content, list) and content and isinstance(content[0], dict) and prefix:
        found = {}
        for part in content:
            kind = str(part.get("kind", ""))
            found[f"{prefix}{kind}".removeprefix("model.components.")] = "on"
            found |= _flat({k: v for k, v in part.items() if k != "kind"}, f"{prefix}{kind}.")
        return found
    if isinstance(content, list):
        content = "-".join(map(str, content))
    name = prefix.rstrip(".").removeprefix("model.components.").removeprefix("model.")
    return {name: str(content)}
