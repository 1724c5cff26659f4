"""The maps a person can put side by side: a table of a run, trained or as it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_demo.presets import PRESETS
from recsys_demo.projection.vectors import table_names
from recsys_demo.runs import WEIGHTS, Manifest


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


def entry_label(manifest: Manifest, number: int) -> str:
    """A name for a run nobody named: preset and number."""
    name = manifest.model.name
    return f"{PRESETS[name].label if name in PRESETS else name} #{number}"


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
