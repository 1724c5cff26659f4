"""Tune: a button that looks for better settings of the chosen models, and what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.config.run import RunConfig
from recsys_demo.jobs.store import JobSpec
from recsys_demo.jobs.watch import JobView
from recsys_demo.studies.tuning_task import SEEDS, tune_job
from recsys_demo.training.reproduce import command_text
from recsys_demo.ui import jobs, session
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.choices import choices
from recsys_demo.ui.widgets import button
from recsys_demo.values import validated

TUNED = " tuned"


def tune_section(state: State, wanted: Sequence[Training]) -> None:
    """Minutes, the button, and the table once it is done."""
    models = {one.model: one.config for one in reversed(wanted) if one.config.seed == state.seed}
    if not models:
        return
    room = choices(state)
    st.markdown(
        "Looks for better learning rates, sizes and regularization of the chosen models: the same "
        "time for each, by the validation rows alone. Then every model, as it is and tuned, is "
        f"trained with {SEEDS} seeds, and the test rows are looked at once."
    )
    st.select_slider("Minutes", (1, 2, 5, 10, 20, 60), **room.bound("minutes"))
    spec = tune_job(dict(reversed(models.items())), room.now.minutes)
    jobs.watched("train.tune", lambda: _rate(spec), lambda: _job(spec))


def _rate(spec: JobSpec) -> float | None:
    job = jobs.view(spec.id)
    return None if job is None or job.status.has_ended else jobs.TICK_SECONDS


def _job(spec: JobSpec) -> None:
    job = jobs.view(spec.id)
    if job is not None and not job.status.has_ended:
        jobs.progress_bar(job)
        return
    if job is not None and job.result is not None:
        _found(job)
        return
    if job is not None:
        st.warning(plain(job.status.message or "It was cancelled."), icon=":material/error:")
    jobs.start_button(
        "Tune", "train.tune.go", jobs.start, spec, type="secondary", icon=":material/tune:"
    )


def _found(job: JobView) -> None:
    """The table, what it means, and the way to use it."""
    (told,) = job.of_type("tuned")
    st.dataframe(
        pd.DataFrame([_row(row) for row in told["rows"]]), hide_index=True, width="content"
    )
    st.markdown(plain(told["sentence"]))
    config = validated(RunConfig, told["config"], "tuned settings")
    if str(told["chosen"]).endswith(TUNED):
        button(
            f"Use these settings of {label(config.model.name)}",
            "train.tune.use",
            _use,
            config,
            icon=":material/check:",
            help="Puts them into the state, and so into the link; epochs, batch size and stopping "
            "are those of all models",
        )
    if (text := command_text(config)) is not None:
        st.code(text, language="sh", wrap_lines=True)


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    name = str(row["model"])
    base = name.removesuffix(TUNED)
    told = {"model": label(base) + (TUNED if base != name else ", as it is")}
    for part, header in (("valid", "validation AUC"), ("test", "test AUC")):
        value, half = row[part]
        told[header] = f"{value:.4f} ± {half:.4f}"
    return told


def _use(config: RunConfig) -> None:
    """The chosen model with its settings in place of the one that was tuned."""
    state, name = session.current(), config.model.name
    models = tuple(
        config.model if (one if isinstance(one, str) else one.name) == name else one
        for one in state.models
    )
    session.change(models=models, training=config.training)
