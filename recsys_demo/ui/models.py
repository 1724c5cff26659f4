"""The trainings that a state asks for, and their runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.config.presets import default_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.errors import LabError
from recsys_demo.jobs.store import Command
from recsys_demo.jobs.training_task import run_folder, train_job
from recsys_demo.jobs.watch import JobView
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.ui import jobs, session
from recsys_demo.ui.datasets import schema_of
from recsys_demo.ui.markdown import plain
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
    return runs_of(state.run_configs(default_crosses(schema), schema.split is not None))


def runs_of(configs: Iterable[RunConfig]) -> list[Training]:
    """The runs of these configurations, begun or not. Raises InputError."""
    found = []
    for config in configs:
        job_id = train_job(config).id
        found.append(Training(config, job_id, jobs.view(job_id)))
    return found


@st.cache_resource(max_entries=100, show_spinner=False)
def saved_run(job_id: str, folder: str) -> SavedRun:
    """The run that a job has left, named by its job. Raises InputError if it is gone."""
    return SavedRun.of(job_id, Path(folder))


def job_ids_of(state: State) -> frozenset[str]:
    """The jobs of the state's trainings that anybody has begun; none where the data are gone."""
    try:
        return frozenset(training.job_id for training in trainings(state) if training.job)
    except LabError:
        return frozenset()


def train(wanted: Sequence[Training], first: Command | None = None) -> None:
    """Train what has not been trained to its own end; what begins finds the command `first`.
    Raises InputError."""
    for training in wanted:
        if not training.is_done:
            jobs.start(train_job(training.config), again=training.was_stopped, first=first)


def add_and_train(key: str) -> None:
    """Choose a preset beside the models there are, and train what is chosen. Call it in a callback.
    Raises InputError."""
    chosen = session.current().models
    if key not in chosen:
        session.change(models=(*chosen, key))
    train(trainings(session.current()))


def model_button(preset: str, key: str) -> None:
    """The way out where a model is missing: a button that chooses and trains one."""
    jobs.start_button(f"Train {label(preset)} too", key, add_and_train, preset)


def watched_trainings(name: str, busy: Sequence[Training]) -> None:
    """A line per training at work; the page is drawn again when one of them ends."""
    of_job = {training.job_id: training for training in busy}

    def draw(found: Sequence[JobView]) -> None:
        for job in found:
            training, epochs = of_job[job.id], len(job.of_type("epoch"))
            share = min(epochs / training.config.training.epochs, 1.0)
            st.progress(share, f"{plain(label(training.model))}: epoch {epochs + 1}")

    jobs.watched_jobs(name, list(of_job), draw)


def show_ended(wanted: Sequence[Training]) -> bool:
    """Why trainings have ended without a run, or lost theirs, each reason once; whether there are
    such."""
    several = len({training.config.seed for training in wanted}) > 1
    reasons: dict[str, list[str]] = {}
    for training in wanted:
        if not training.is_done and training.job and (reason := training.job.status.message):
            seed = f", seed {training.config.seed}" if several else ""
            reasons.setdefault(reason, []).append(label(training.model) + seed)
    for reason, names in reasons.items():
        st.warning(plain(f"{'; '.join(names)}: {reason}"), icon=":material/error:")
    return bool(reasons)


def slice_value(report: Mapping[str, object] | None, key: str, metric: str = "auc") -> float:
    """A metric of a saved report's slice, NaN where there is none."""
    slices = (report or {}).get("slices")
    values = slices.get(key) if isinstance(slices, Mapping) else None
    value = values.get(metric) if isinstance(values, Mapping) else None
    return float(value) if isinstance(value, int | float) else math.nan
