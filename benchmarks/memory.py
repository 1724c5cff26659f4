"""What server and workers take: `python -m benchmarks memory`.

A server with one worker and one with four, after the four models of the Start page were trained in
each. USS is what a process has for itself; PSS adds its share of what several have, so that its sum
is what the machine gives.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks.tables import table
from recsys_demo.config.model import TrainingConfig
from recsys_demo.ui.state import State, encode
from tests.making import chromium
from tests.making.driving import new_tab
from tests.making.servers import Server, start_server, stop_server

WORKERS = (1, 4)
EPOCHS = 2  # more take longer and no more memory
PATIENCE_MS = 600_000


def measure() -> dict[str, Any]:
    """Megabytes by number of workers and process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        return {"servers": [of_server(browser, workers) for workers in WORKERS]}


def of_server(browser: Browser, workers: int) -> dict[str, Any]:
    """A server's processes once four models are trained."""
    with tempfile.TemporaryDirectory() as home:
        server = start_server(Path(home), RECSYS_DEMO_WORKERS=str(workers))
        try:
            tab = new_tab(browser, server.address)
            tab.enter("start", **encode(State(training=TrainingConfig(epochs=EPOCHS))))
            tab.press("Train four models")
            tab.button("Again, with another seed").wait_for(timeout=PATIENCE_MS)
            tab.context.close()
            return {"workers": workers} | totals(server)
        finally:
            stop_server(server)


def totals(server: Server) -> dict[str, Any]:
    """Of each process, and of all."""
    top = psutil.Process(server.process.pid)
    found = [
        {"process": kind(process), "uss_mb": held.uss / 1e6, "pss_mb": held.pss / 1e6}
        for process in (top, *top.children(recursive=True))
        for held in (process.memory_full_info(),)
    ]
    return {"processes": found, "pss_mb": sum(one["pss_mb"] for one in found)}


def kind(process: psutil.Process) -> str:
    """A word for what it does: a forked worker has its parent's command line."""
    above = process.parent()
    module = next((word for word in process.cmdline() if word.startswith("recsys_demo.")), "server")
    forked = above is not None and above.cmdline() == process.cmdline()
    return "recsys_demo.jobs.worker" if forked else module


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        [one["process"], f"{one['uss_mb']:.0f}", f"{one['pss_mb']:.0f}"]
        for server in figures["servers"]
        for one in (
            {"process": f"**{server['workers']} workers, all together**"}
            | {"uss_mb": sum(p["uss_mb"] for p in server["processes"])}
            | {"pss_mb": server["pss_mb"]},
            *server["processes"],
        )
    ]
    return f"""## Memory

{(__doc__ or "").split(chr(10), 2)[2].strip()}

{table(["", "USS, MB", "PSS, MB"], rows)}"""
