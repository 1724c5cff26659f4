"""Libraries take turns, epoch by epoch, on identical rows."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.environments import Driver
from benchmarks.peers.rows import export, task_of
from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.metrics import auc
from recsys_demo.training.datasets import run_data


@dataclass(frozen=True)
class Entry:
    """A library in a race: its settings, its threads, and after how many epochs it stops."""

    name: str
    library: str
    config: RunConfig
    threads: int
    epochs: int


def race(
    entries: Sequence[Entry],
    patience: int,
    decay: bool = False,
    enough: float | None = None,
) -> dict[str, Any]:
    """Train every entry, one epoch of each in turn; all see the rows of the first one.

    An entry stops after `patience` epochs without a better validation AUC, or at a test AUC of
    `enough`. Per entry: seconds and AUC of every epoch, test AUC at the best validation AUC, peak
    memory.
    """
    data = entries[0].config
    labels = {part: run_data(data).part(part).labels for part in ("valid", "test")}
    with tempfile.TemporaryDirectory() as place:
        rows = Path(place) / "rows.npz"
        columns = export(data, rows)
        runners: list[_Runner] = []
        try:
            for number, entry in enumerate(entries):
                folder = Path(place) / str(number)
                folder.mkdir()
                task = task_of(entry.config, rows, columns, entry.threads)
                runners.append(_Runner(entry, Driver(entry.library, task, folder), labels))
            while running := [r for r in runners if r.goes_on(patience, enough)]:
                for runner in running:
                    runner.epoch(decay)
            count = len(run_data(data).part("train"))
            return {runner.entry.name: runner.report(count) for runner in runners}
        finally:
            for runner in runners:
                runner.driver.close()


class _Runner:
    """A library's epochs so far."""

    def __init__(self, entry: Entry, driver: Driver, labels: Mapping[str, np.ndarray]) -> None:
        self.entry, self.driver, self._labels = entry, driver, labels
        self.epochs: list[dict[str, float]] = []
        self._best = -np.inf
        self._without = 0

    def goes_on(self, patience: int, enough: float | None) -> bool:
        """Whether another epoch is due."""
        if len(self.epochs) >= self.entry.epochs or self._without >= patience:
            return False
        return enough is None or not self.epochs or self.epochs[-1]["test"] < enough

    def epoch(self, decay: bool) -> None:
        """Train once over all rows, then score."""
        told = {"seconds": self.driver.epoch()}
        for part in ("valid", "test"):
            scores, told[f"{part}_seconds"] = self.driver.scores(part)
            told[part] = auc(self._labels[part], scores)
        self.epochs.append(told)
        sys.stderr.write(
            f"  {self.entry.name}, epoch {len(self.epochs)}: {told['seconds']:.2f} s, "
            f"test AUC {told['test']:.4f}\n"
        )
        if told["valid"] > self._best:
            self._best, self._without = told["valid"], 0
            return
        self._without += 1
        if decay:
            self.driver.decay()

    def report(self, rows: int) -> dict[str, Any]:
        """What the epochs come to; the fastest epoch is the one least disturbed by others."""
        best = max(self.epochs, key=lambda epoch: epoch["valid"])
        fastest = min(epoch["seconds"] for epoch in self.epochs)
        scored = min(epoch["test_seconds"] for epoch in self.epochs)
        return {
            "epochs": self.epochs,
            "rows_per_second": rows / fastest,
            "scored_per_second": len(self._labels["test"]) / scored,
            "test_auc": best["test"],
            **self.driver.memory(),
        }
