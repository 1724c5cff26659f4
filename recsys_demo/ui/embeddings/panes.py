"""The maps a person can put side by side: a table of a run, trained or as it began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recsys_demo.errors import LabError
from recsys_demo.jobs.training_task import run_folder
from recsys_demo.studies.embeddings.vectors import table_names
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.ui import jobs
from recsys_demo.ui.models import Training, saved_run


@dataclass(frozen=True)
class Pane:
    """One map."""

    run: SavedRun
    table: str
    start: bool
    label: str

    @property
    def key(self) -> str:
        """Its name in a link and in widget keys."""
        return f"{self.run.key}.{self.table}{'.start' if self.start else ''}"


def embedding_runs(wanted: Sequence[Training], pinned: Sequence[str]) -> list[SavedRun]:
    """The finished ones of these trainings, then the pinned runs, as far as they have vectors.
    Where several share a model's name, a number and the seed tell them apart."""
    done = {
        t.job_id: t.run_folder for t in wanted if t.job is not None and t.job.status.state == "done"
    }
    for job_id in pinned:
        if jobs.view(job_id) is not None:
            done.setdefault(job_id, run_folder(jobs.lab_jobs().workers.store.path(job_id)))
    found = [_run(job_id, folder) for job_id, folder in done.items()]
    runs = [run for run in found if run is not None and run.manifest.model.vector_readers]
    names = Counter(run.label for run in runs)
    return [
        replace(run, label=f"{run.label} #{number} (seed {run.manifest.seed})")
        if names[run.label] > 1
        else run
        for number, run in enumerate(runs, start=1)
    ]


def _run(job_id: str, folder: Path) -> SavedRun | None:
    """None for a run that is not there."""
    try:
        return saved_run(job_id, str(folder))
    except LabError:
        return None


def panes_of(runs: Sequence[SavedRun]) -> list[Pane]:
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
