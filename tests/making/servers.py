"""The lab's own server, started and ended by tests and benchmarks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.making.frappe import FRAPPE

ROOT = Path(__file__).parents[2]
CHECKOUT = (sys.executable, "-m", "recsys_demo")
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A lab that runs, and the folder in which it keeps jobs and runs."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]


def free_port() -> int:
    """One that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def start_server(
    home: Path,
    *options: str,
    base: str = "",
    told: IO[bytes] | None = None,
    command: Sequence[str] = CHECKOUT,
    folder: Path = ROOT,
    **environment: str,
) -> Server:
    """`command` in a folder, serving at a free port; whoever starts it ends it. `base` is the path
    it lies at, if the options give it one; `told` takes what it writes."""
    port = free_port()
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port), *options],
        cwd=folder,
        env={
            **os.environ,
            "RECSYS_DEMO_HOME": str(home),
            "RECSYS_DEMO_WORKERS": "2",
            "RECSYS_DEMO_FRAPPE": str(FRAPPE),
            **environment,
        },
        stdout=told or subprocess.DEVNULL,
        stderr=told or subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}{base}/_stcore/health", timeout=1):
                return Server(address, home, process)
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError("the lab's server did not start")


def stop_server(server: Server) -> None:
    """End it, at once if it does not want to."""
    server.process.terminate()
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
