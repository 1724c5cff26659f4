"""The line protocol of a driver: one JSON command per line in, one JSON answer per line out.

Every driver runs in the environment of one library and sees the same files; nothing here needs
more than numpy. Commands: `open` (a task), `epoch`, `score` (a part, where to put the scores),
`decay` (a tenth of the learning rate), `memory`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, Protocol

import numpy as np


class Model(Protocol):
    """A model of some library that can be trained epoch by epoch."""

    def epoch(self) -> float:
        """Pass over the training rows once; returns the seconds of training alone."""

    def scores(self, part: str) -> np.ndarray:
        """A score per row of a part; a higher one means a likelier install."""

    def decay(self) -> None:
        """Divide the learning rate by ten."""


class Data:
    """The rows of a task: per part single-valued codes, numbers, padded lists, crosses, labels."""

    def __init__(self, task: dict[str, Any]) -> None:
        self.task = task
        self._arrays = np.load(task["rows"])

    def of(self, part: str, name: str) -> np.ndarray:
        """One array: `single`, `numeric`, `multi`, `crosses` or `labels`."""
        return self._arrays[f"{part}.{name}"]

    def columns(self, part: str) -> dict[str, np.ndarray]:
        """The arrays by column name, as `task["columns"]` lists them."""
        found: dict[str, np.ndarray] = {}
        singles, numbers = self.of(part, "single"), self.of(part, "numeric")
        kinds = self.task["columns"]
        for index, (name, _) in enumerate(kinds["single"]):
            found[name] = singles[:, index]
        for index, name in enumerate(kinds["numeric"]):
            found[name] = numbers[:, index]
        for name, _, _ in kinds["multi"]:
            found[name] = self.of(part, "multi")
        if kinds["crosses"]:
            found["crosses"] = self.of(part, "crosses")
        return found


def serve(build: Any) -> None:
    """Answer commands until the input ends; `build(task)` makes the model."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries print; only answers go to standard output
    model: Model | None = None
    start = peak_mb()
    for line in sys.stdin:
        command = json.loads(line)
        reply: dict[str, Any] = {}
        if command["do"] == "open":
            model = build(command["task"])
        elif command["do"] == "memory":
            reply = {"peak_mb": peak_mb(), "imported_mb": start}
        elif model is not None and command["do"] == "epoch":
            reply = {"seconds": model.epoch()}
        elif model is not None and command["do"] == "score":
            begin = time.perf_counter()
            scores = model.scores(command["part"])
            reply = {"seconds": time.perf_counter() - begin, "rows": len(scores)}
            np.save(Path(command["path"]), np.asarray(scores, dtype=np.float64).reshape(-1))
        elif model is not None and command["do"] == "decay":
            model.decay()
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def peak_mb() -> float:
    """The most memory of this process so far, in MB. `ru_maxrss` would begin with what the process
    held that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
