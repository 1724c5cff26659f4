"""The runs of a grid: what is done, what is missing, begin, pause, go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from recsys_demo.config.run import RunConfig
from recsys_demo.jobs.settings import JobSettings
from recsys_demo.jobs.store import Command, JobSpec
from recsys_demo.jobs.watch import JobView
from recsys_demo.studies.ablation.grid import Estimate, Grid, estimate
from recsys_demo.studies.ablation.outcomes import Reader
from recsys_demo.sweep.job import record_job, records_beside, sweep_job
from recsys_demo.ui import datasets, jobs
from recsys_demo.ui.ablate.choices import AblateChoices, choose
from recsys_demo.ui.live.orders import follow_room
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State
from recsys_demo.ui.widgets import button

SHARED, ROOM = "ablate.shared", "ablate"
MORE_SEEDS = 2
MOST_SEEDS = 20


@st.cache_resource(show_spinner=False)
def reader() -> Reader:
    """What is finished on this server, read once for everybody."""
    return Reader(records_beside(jobs.lab_jobs().workers.store.folder))


def cluster() -> str:
    """The Dask scheduler of this server, empty if it has none. Raises InputError."""
    return JobSettings.from_environment().cluster


@dataclass(frozen=True)
class GridProgress:
    """How a grid stands: runs in all, those without a record, and the jobs at work on them."""

    grid: Grid
    runs: int
    missing: tuple[RunConfig, ...]
    jobs: tuple[JobView, ...]
    on_cluster: bool

    @property
    def busy(self) -> bool:
        """Whether anything will come without another click."""
        return any(not job.status.has_ended for job in self.jobs)

    @property
    def idle(self) -> int:
        """Missing runs that nobody is at work on: a click trains them."""
        if self.on_cluster:
            return 0 if self.busy else len(self.missing)
        return len(self.missing) - sum(not job.status.has_ended for job in self.jobs)

    @property
    def pausing(self) -> bool:
        """Whether the cluster finishes what it has in hand and begins nothing else."""
        return self.on_cluster and any(
            jobs.last_command(job.id).command == "stop"
            for job in self.jobs
            if not job.status.has_ended
        )

    @property
    def running(self) -> int:
        """Runs that a worker of this server has in hand, or jobs on the cluster."""
        return sum(job.status.state == "running" for job in self.jobs)

    @property
    def done(self) -> int:
        """Runs that need not be trained again."""
        return self.runs - len(self.missing)

    @property
    def messages(self) -> list[str]:
        """Why runs were not done, each reason once."""
        told = [job.status.message for job in self.jobs if job.status.state in ("failed", "lost")]
        for job in self.jobs:
            told += [event["message"] for event in job.of_type("failed")]
        return list(dict.fromkeys(message for message in told if message))


def grid_progress(grid: Grid, choices: AblateChoices) -> GridProgress:
    """How the grid stands now. Raises InputError if its data are gone."""
    missing = tuple(reader().missing(grid))
    on_cluster = bool(cluster()) and choices.cluster
    views = [jobs.view(spec.id) for spec in _specs(grid, missing, on_cluster)]
    there = tuple(view for view in views if view is not None)
    return GridProgress(grid, len(grid.configs()), missing, there, on_cluster)


def _specs(grid: Grid, missing: Sequence[RunConfig], on_cluster: bool) -> list[JobSpec]:
    """The jobs that train what is missing. On a cluster it is one for the whole grid, so that it
    is found again whatever is done by then."""
    if on_cluster:
        return [sweep_job(grid.configs(), cluster())] if missing else []
    return [_record_spec(config, reader().key(config)) for config in missing]


@lru_cache(maxsize=2_000)
def _record_spec(config: RunConfig, key: str) -> JobSpec:
    return record_job(config, key)


def follow(at: GridProgress) -> None:
    """Have the grid trained live: what was wanted here before ends. Raises InputError."""
    follow_room(ROOM, _specs(at.grid, at.missing, at.on_cluster))


def begin(grid: Grid, choices: AblateChoices) -> None:
    """Train what is missing. Raises InputError."""
    now = grid_progress(grid, choices)
    for spec in _specs(grid, now.missing, now.on_cluster):
        jobs.start(spec, again=True)  # one that has ended has left runs without a record


def pause(grid: Grid, choices: AblateChoices) -> None:
    """Begin no more runs; those in progress are finished and kept."""
    now = grid_progress(grid, choices)
    shared = 0
    for job in now.jobs:
        if now.on_cluster and not job.status.has_ended:
            shared += not jobs.follows_command(job.id, Command(command="stop"))
        elif job.status.state == "queued":
            shared += not jobs.follows_command(job.id, Command(command="cancel"))
    if shared:
        st.session_state[SHARED] = "Other visitors want the same runs: those go on."


def expected_time(now: GridProgress) -> Estimate:
    """How long the missing runs will take on this server's workers."""
    like = now.grid.cells[-1].at(now.grid.seeds[0])[-1]
    slots = jobs.lab_jobs().workers.load[1]
    known = datasets.dataset(State(data=like.data, split=like.split))
    missing = [config.model for config in now.missing]
    return estimate(now.runs, missing, reader().timed(like), slots, len(known.train))


def run_bar(now: GridProgress, choices: AblateChoices, name: str, verb: str = "Train") -> None:
    """What there is to do and how long it takes, and the buttons that do it."""
    if told := st.session_state.pop(SHARED, None):
        st.info(told, icon=":material/group:")
    grid, key = now.grid, f"ablate.{name}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now.busy:
            button(
                "Pause",
                f"{key}.pause",
                pause,
                grid,
                choices,
                icon=":material/pause:",
                disabled=now.pausing,
                help="Runs in progress are finished and kept; no other is begun",
            )
        if now.idle:
            label = f"Train the {now.idle} missing" if now.idle < now.runs else verb
            jobs.start_button(label, f"{key}.begin", begin, grid, choices)
        if now.done and choices.seeds < MOST_SEEDS and not now.busy:
            jobs.start_button(
                "Add 2 seeds",
                f"{key}.seeds",
                _add_seeds,
                grid,
                choices,
                type="secondary",
                icon=":material/add:",
                help="More seeds, narrower intervals; only the new ones are trained",
            )
        st.caption(_summary(now))
    if now.busy or (now.done and now.missing):
        st.progress(now.done / now.runs, _progress(now))
    for message in now.messages:
        st.warning(plain(message), icon=":material/error:")


def _add_seeds(grid: Grid, choices: AblateChoices) -> None:
    seeds = min(MOST_SEEDS, choices.seeds + MORE_SEEDS)
    first = grid.seeds[0]
    choose(seeds=seeds)
    begin(Grid(grid.cells, tuple(range(first, first + seeds))), choices)


def _summary(now: GridProgress) -> str:
    seeds, models = len(now.grid.seeds), len(now.grid.cells)
    what = f"{_many(models, 'model')}, {_many(seeds, 'seed')}: {_many(now.runs, 'run')}"
    if not now.missing:
        return f"{what}, all done."
    guess = expected_time(now)
    how = "measured on this log" if guess.measured else "a first guess"
    left = f"{what}, {len(now.missing)} to train" if now.done else what
    if now.on_cluster:
        return f"{left}, on the cluster."
    return f"{left}; about {duration(guess.seconds)} ({how})."


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _progress(now: GridProgress) -> str:
    if not now.busy:
        return f"{now.done} of {now.runs} runs done; what is done is kept"
    if now.pausing:
        return f"{now.done} of {now.runs} runs done; training pauses after those in progress"
    at_work = "on the cluster" if now.on_cluster else f"{now.running} running"
    return f"{now.done} of {now.runs} runs done, {at_work}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
