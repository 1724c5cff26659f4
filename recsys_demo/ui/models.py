"""The trainings that a state asks for, and their runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.config.presets import default_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.jobs.training_task import run_folder, train_job
from recsys_demo.jobs.watch import JobView
from recsys_demo.ui import jobs
from recsys_demo.ui.datasets import schema_of
from recsys_demo.ui.frame import plain
from recsys_demo.ui.state import State

STOPPED = "stopped"


@dataclass(frozen=True)
class Training:
    """One run that the state asks for, and its job if it has been started."""

    config: RunConfig
    job_id: str
    job: JobView | None

    @property
    def model(self) -> str:
        """The model's name."""
        return self.config.model.name

    @property
    def is_busy(self) -> bool:
        """Waiting or running."""
        return self.job is not None and not self.job.status.has_ended

    @property
    def was_stopped(self) -> bool:
        """Ended by a person before its time: not what its configuration gives by itself."""
        result = self.job.result if self.job is not None else None
        return result is not None and result.get("stopped") == STOPPED

    @property
    def is_done(self) -> bool:
        """Trained to its own end."""
        return self.job is not None and self.job.result is not None and not self.was_stopped

    @property
    def run_folder(self) -> Path:
        """Where the run lies once it is done."""
        return run_folder(jobs.lab_jobs().workers.store.path(self.job_id))


def trainings(state: State) -> list[Training]:
    """Every run the state asks for, in the order they are trained. Raises InputError."""
    schema = schema_of(state)
    found = []
    for config in state.run_configs(default_crosses(schema), schema.split is not None):
        job_id = train_job(config).id
        found.append(Training(config, job_id, jobs.view(job_id)))
    return found


def train(wanted: Sequence[Training]) -> None:
    """Train what has not been trained to its own end. Raises InputError."""
    for training in wanted:
        if not training.is_done:
            jobs.start(train_job(training.config), again=training.was_stopped)


def show_ended(wanted: Sequence[Training]) -> bool:
    """Why trainings have ended without a run, or lost theirs; whether there are such."""
    told = [t for t in wanted if not t.is_done and t.job is not None and t.job.status.message]
    for training in told:
        assert training.job is not None
        name = f"{label(training.model)}, seed {training.config.seed}"
        st.warning(plain(f"{name}: {training.job.status.message}"), icon=":material/error:")
    return bool(told)


def slice_value(report: Mapping[str, object] | None, key: str, metric: str = "auc") -> float:
    """A metric of a saved report's slice, NaN where there is none."""
    slices = (report or {}).get("slices")
    values = slices.get(key) if isinstance(slices, Mapping) else None
    value = values.get(metric) if isinstance(values, Mapping) else None
    return float(value) if isinstance(value, int | float) else math.nan
