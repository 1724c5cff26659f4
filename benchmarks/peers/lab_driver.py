"""The lab's own engine behind the same protocol."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.peers.serving import serve
from recsys_demo.config.run import RunConfig
from recsys_demo.models.ranker import score
from recsys_demo.training.experiment import training_setup
from recsys_demo.training.trainer import EpochReport


class Lab:
    def __init__(self, task: dict[str, Any]) -> None:
        self.setup = training_setup(
            RunConfig.model_validate(task["config"]), threads=task["threads"]
        )
        self.trainer = self.setup.trainer
        self.events = self.trainer.events()
        self.seconds = 0.0

    def epoch(self) -> float:
        report = next(event for event in self.events if isinstance(event, EpochReport))
        before, self.seconds = self.seconds, report.rows / report.rows_per_second
        return self.seconds - before

    def scores(self, part: str) -> np.ndarray:
        return score(self.trainer.ranker, self.setup.encoded[part])

    def decay(self) -> None:
        """The trainer's own rule has done it."""


if __name__ == "__main__":
    serve(Lab)
