"""What the pages share of the server: workers, watched jobs, loaded data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from recsys_demo.config.presets import default_crosses
from recsys_demo.config.run import RunConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.jobs.store import Command, JobSpec
from recsys_demo.jobs.training_task import run_folder, train_job
from recsys_demo.jobs.watch import JobView, Watcher
from recsys_demo.jobs.workers import JobSettings, Workers, local_workers
from recsys_demo.training.run_files import is_whole
from recsys_demo.ui import session
from recsys_demo.ui.state import State

STOPPED = "stopped"
# Twice as many seconds between two looks for every so many people more.
PEOPLE_PER_PACE = 3
MOST_SEEN = ("frequent", "pairs seen 20+ times")
NEVER = "pairs never seen in training"
# What the axes of the map say.
X_TITLE = "AUC on never-seen pairs  →  generalizes"


@dataclass(frozen=True)
class Engine:
    """The workers of this server and what is known of their jobs."""

    workers: Workers
    watcher: Watcher


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """Started with the first page, shared by all visitors."""
    workers = local_workers(JobSettings.from_environment())
    return Engine(workers, Watcher(workers.store))


def start(spec: JobSpec) -> str:
    """Begin a job, or join it if anybody has begun it; returns its id. Raises InputError."""
    return engine().workers.submit(spec, session.session_id())


def view(job_id: str) -> JobView | None:
    """The job as it stands, None if nobody has started it."""
    shared = engine()
    return shared.watcher.view(job_id, shared.workers.position(job_id))


def command(job_id: str, wanted: Command) -> None:
    """Pause, step, stop or cancel a job, unless others want it too."""
    obeys(job_id, wanted)


def obeys(job_id: str, wanted: Command) -> bool:
    """Pause, step, stop or cancel a job; False if it goes on because others want it too."""
    return engine().workers.command(job_id, wanted, session.session_id(), session.is_here)


def wanted(job_id: str) -> Command:
    """What somebody last told a job."""
    return engine().workers.store.wanted(job_id)


def pace(seconds: float | None) -> float | None:
    """How often a page that watches jobs looks again: `seconds` for one person, less often the more
    people's jobs there are, so that their looking leaves the server time for clicks."""
    people = engine().workers.sessions
    return None if seconds is None else seconds * (1.0 + max(0, people - 1) / PEOPLE_PER_PACE)


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
        return run_folder(engine().workers.store.path(self.job_id))


def trainings(state: State) -> list[Training]:
    """Every run the state asks for, in the order they are trained. Raises InputError."""
    schema = schema_of(state)
    found = []
    for config in state.run_configs(default_crosses(schema), schema.split is not None):
        job_id = train_job(config).id
        found.append(Training(config, job_id, view(job_id)))
    return found


def start_all(wanted: Sequence[Training]) -> None:
    """Train what has not been trained, or whose run was damaged since. Raises InputError."""
    for training in wanted:
        again = training.is_done and not is_whole(training.run_folder)
        if training.was_stopped or again:
            engine().workers.store.forget(training.job_id)
        if again or not training.is_done:
            start(train_job(training.config))


@st.cache_resource(show_spinner="Reading the data ...", max_entries=3)
def _dataset(spec: DataSpec, split: SplitConfig) -> Dataset:
    return load(spec, split)


def dataset(state: State) -> Dataset:
    """The data of the state, cut in parts; read-only, shared by all visitors. Raises InputError."""
    return _dataset(state.data, state.split_for(schema_of(state).split is not None))


def schema_of(state: State) -> Schema:
    """The schema of the state's data. Raises InputError."""
    return _schema(state.data)


@st.cache_data(show_spinner=False, max_entries=20)
def _schema(spec: DataSpec) -> Schema:
    from recsys_demo.data.sources import schema_of_source

    return schema_of_source(spec)


@st.cache_data(show_spinner=False, max_entries=20)
def _truth_auc(spec: DataSpec, split: SplitConfig) -> Mapping[str, float] | None:
    import numpy as np

    from recsys_demo.evaluation.reports import evaluate
    from recsys_demo.evaluation.slices import default_slices

    data = _dataset(spec, split)
    if data.schema.truth is None:
        return None
    p = data.test.frame[data.schema.truth.probability].to_numpy().clip(1e-9, 1 - 1e-9)
    slices = default_slices(data.train, data.test)
    reports = evaluate(data.test.labels, np.log(p / (1 - p)), slices, ("auc",))
    return {key: report.values["auc"] for key, report in reports.items()}


def truth_auc(state: State) -> Mapping[str, float] | None:
    """The planted truth's own AUC on every test slice: no model can be expected to beat it.
    None for data without a truth."""
    return _truth_auc(state.data, state.split_for(schema_of(state).split is not None))


def memory_slice(schema: Schema) -> tuple[str, str]:
    """The slice that asks for memorizing, and its name: planted exceptions where there are any,
    else the pairs seen most."""
    if schema.truth is not None:
        return "exceptions", "planted exceptions"
    return MOST_SEEN


def memory_title(name: str) -> str:
    """The y axis of the map, for this name of the memory slice."""
    return f"AUC on {name}  →  memorizes"


def no_map(missing: Sequence[str]) -> str:
    """Why there is nothing to place the models by."""
    return f"No map: the test rows hold no {' and no '.join(missing)}."


def slice_value(report: Mapping[str, object] | None, key: str, metric: str = "auc") -> float:
    """A metric of a saved report's slice, NaN where there is none."""
    slices = (report or {}).get("slices")
    values = slices.get(key) if isinstance(slices, Mapping) else None
    value = values.get(metric) if isinstance(values, Mapping) else None
    return float(value) if isinstance(value, int | float) else math.nan
