"""The maps a person can put side by side: a table of a run, trained or as it began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from recsys_demo.charts.theme import label
from recsys_demo.errors import LabError
from recsys_demo.jobs.training_task import run_folder
from recsys_demo.studies.embeddings.vectors import table_names
from recsys_demo.training.runs import WEIGHTS, Manifest, load_manifest
from recsys_demo.ui import jobs
from recsys_demo.ui.models import Training


@dataclass(frozen=True)
class RunEntry:
    """A finished run as the room is given it: `key` is stable (it stands in links), `label` is
    what the person calls it."""

    key: str
    label: str
    folder: Path
    manifest: Manifest

    @property
    def checksum(self) -> str:
        """Of the weights."""
        return self.manifest.checksums.get(WEIGHTS, "")


@dataclass(frozen=True)
class Pane:
    """One map."""

    run: RunEntry
    table: str
    start: bool
    label: str

    @property
    def key(self) -> str:
        """Its name in a link and in widget keys."""
        return f"{self.run.key}.{self.table}{'.start' if self.start else ''}"


def entries(wanted: Sequence[Training], pinned: Sequence[str]) -> list[RunEntry]:
    """The finished ones of these trainings, then the pinned runs with embeddings."""
    done = {
        t.job_id: t.run_folder for t in wanted if t.job is not None and t.job.status.state == "done"
    }
    for job_id in pinned:
        done.setdefault(job_id, run_folder(jobs.lab_jobs().workers.store.path(job_id)))
    found = [(job_id, folder, _known(folder)) for job_id, folder in done.items()]
    known = [(i, f, m) for i, f, m in found if m is not None and m.model.vector_readers]
    names = Counter(m.model.name for _, _, m in known)
    return [
        RunEntry(job_id, _label(m, names, [k for k, _, _ in known].index(job_id)), folder, m)
        for job_id, folder, m in known
    ]


def _label(manifest: Manifest, names: Counter[str], number: int) -> str:
    """The model's name; where several runs share it, a number and the seed tell them apart."""
    name = label(manifest.model.name)
    several = names[manifest.model.name] > 1
    return f"{name} #{number + 1} (seed {manifest.seed})" if several else name


def _known(folder: Path) -> Manifest | None:
    """None for a run that is not there."""
    try:
        return _manifest(str(folder))
    except LabError:
        return None


@st.cache_resource(max_entries=100, show_spinner=False)
def _manifest(folder: str) -> Manifest:
    return load_manifest(Path(folder))


def panes_of(runs: Sequence[RunEntry]) -> list[Pane]:
    """Every map these runs offer, newest run first, a table's random start after it."""
    found = []
    for run in runs:
        tables = table_names(run.manifest.model)
        for table, readers in tables.items():
            label = run.label if len(tables) == 1 else f"{run.label}, {readers} part"
            found.append(Pane(run, table, False, label))
            found.append(Pane(run, table, True, f"{label}, before training"))
    return found


def proposal(panes: Sequence[Pane]) -> list[Pane]:
    """The two newest different models side by side; a single model beside its random start."""
    trained = [pane for pane in panes if not pane.start]
    first = {pane.run.manifest.model.name: pane for pane in reversed(trained)}
    different = [pane for pane in trained if first[pane.run.manifest.model.name] is pane][:2]
    if len(different) == 1:
        beside = [pane for pane in panes if pane.start and pane.run is different[0].run]
        return [*different, *beside[:1]]
    return different
