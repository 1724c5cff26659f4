"""One environment per library, made once below benchmarks/.peers (which git ignores)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FOLDER = HERE.parent / ".peers"
# An unpinned torch would bring gigabytes for hardware the comparison does not use.
TORCH = "torch==2.13.0"


@dataclass(frozen=True)
class Peer:
    """A library, what to install of it, and the script that drives it (none: this environment)."""

    label: str
    driver: str
    packages: tuple[str, ...] = ()


PEERS: Mapping[str, Peer] = {
    "lab": Peer("this lab", "lab_driver.py"),
    "fuxictr": Peer(
        "FuxiCTR 2.3.10", "fuxictr_driver.py", (TORCH, "fuxictr==2.3.10", "polars==1.44.2")
    ),
    "deepctr": Peer(
        "deepctr-torch 0.3.0",
        "deepctr_driver.py",
        (TORCH, "deepctr-torch==0.3.0", "requests==2.34.2"),  # it imports requests and forgets it
    ),
    "widedeep": Peer(
        "pytorch-widedeep 1.7.0",
        "widedeep_driver.py",
        (TORCH, "pytorch-widedeep==1.7.0", "numpy<2"),
    ),
    "sklearn": Peer("scikit-learn 1.9.1", "sklearn_driver.py", ("scikit-learn==1.9.1",)),
}


def python_of(name: str) -> Path:
    """The interpreter of a library's environment, which is made if it is not there."""
    peer = PEERS[name]
    if not peer.packages:
        return Path(sys.executable)
    folder = FOLDER / name
    python = folder / "bin" / "python"
    done = folder / "installed.json"
    wanted = json.dumps(peer.packages)
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    sys.stderr.write(f"making an environment for {peer.label}\n")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *peer.packages], check=True)
    done.write_text(wanted, encoding="utf-8")
    return python


class Driver:
    """A running driver, asked one command at a time, so that libraries take turns."""

    def __init__(self, name: str, task: Mapping[str, Any], folder: Path) -> None:
        self.name, self._folder = name, folder
        self._process = subprocess.Popen(
            [python_of(name), HERE / PEERS[name].driver],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / f"{name}.log").open("a"),
            text=True,
            env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        )
        self._ask(do="open", task=dict(task))

    def _ask(self, **command: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            log = (self._folder / f"{self.name}.log").read_text(encoding="utf-8")
            raise RuntimeError(f"the driver of {self.name} ended:\n{log[-3000:]}")
        reply: dict[str, Any] = json.loads(answer)
        return reply

    def epoch(self) -> float:
        """Seconds of one pass over the training rows."""
        return float(self._ask(do="epoch")["seconds"])

    def scores(self, part: str) -> tuple[np.ndarray, float]:
        """A score per row of a part, and the seconds it took."""
        path = self._folder / f"{self.name}.{part}.npy"
        seconds = float(self._ask(do="score", part=part, path=str(path))["seconds"])
        return np.load(path), seconds

    def decay(self) -> None:
        """A tenth of the learning rate."""
        self._ask(do="decay")

    def memory(self) -> dict[str, float]:
        """Peak memory in MB, and what it was when the library was imported."""
        return self._ask(do="memory")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
