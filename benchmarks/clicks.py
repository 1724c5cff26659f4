"""What a cached click costs the server on each page, and how soon Play draws.

One session speaks Streamlit's websocket protocol to the real server (`tests/making/visitor.py`)
after four models were trained: it flips the projector switch, which draws the whole page again
from what is cached. CPU seconds are those of the server's process alone, fragments' ticks between
included.
The first point is timed in a real Chromium, from the press of Play to the point on the screen.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks.tables import table
from recsys_demo.jobs.store import JobStore
from recsys_demo.ui.rooms import PAGES
from tests.making import chromium
from tests.making.driving import new_tab
from tests.making.servers import Server, start_server, stop_server
from tests.making.visitor import Visitor

AIM_CPU, AIM_POINT = 0.1, 1.0
CLICKS, POINTS = 10, 5
SWITCH, TRAIN = "Projector", "Train four models"
ROOMS = PAGES
POINT = "document.querySelectorAll('[class*=st-key-train-chart] .scatterlayer path').length > 0"


def measure() -> dict[str, Any]:
    """Click, and play."""
    with tempfile.TemporaryDirectory() as home:
        server = start_server(Path(home))
        try:
            return {"pages": asyncio.run(_clicks(server)), "first_point": _first_points(server)}
        finally:
            stop_server(server)


async def _clicks(server: Server) -> dict[str, dict[str, float]]:
    process = psutil.Process(server.process.pid)
    figures = {}
    async with Visitor(server.address, 0, urlencode({"seed": 0})) as visitor:
        await visitor.open()
        await visitor.press(TRAIN)
        store = JobStore(server.home / "jobs")
        while not _all_done(store):
            await asyncio.sleep(0.2)
        for page in ROOMS:
            sys.stderr.write(f"{page.key}\n")
            figures[page.key] = await _page(visitor, process, page.key)
    return figures


def _all_done(store: JobStore) -> bool:
    states = [status.state for job in store.ids() if (status := store.status(job)) is not None]
    return len(states) >= 4 and all(state == "done" for state in states)


async def _page(visitor: Visitor, process: psutil.Process, key: str) -> dict[str, float]:
    before = _cpu(process)
    first = await visitor.open("" if key == "start" else key)
    opened = _cpu(process) - before
    for _ in range(2):  # now everything that can be kept is
        await visitor.toggle(SWITCH)
    cpu, seconds = [], []
    for _ in range(CLICKS):
        before = _cpu(process)
        seconds.append(await visitor.toggle(SWITCH))
        cpu.append(_cpu(process) - before)
    return {
        "cpu": statistics.fmean(cpu),
        "seconds": statistics.median(seconds),
        "first_cpu": opened,
        "first_seconds": first,
    }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _first_points(server: Server) -> list[float]:
    """Seconds from Play to the first point, each time with a seed nobody has trained."""
    from playwright.sync_api import sync_playwright

    path, seconds = chromium.find(), []
    assert path is not None, chromium.ADVICE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for seed in range(100, 100 + POINTS):
            tab = new_tab(browser, server.address)
            tab.open("train", seed=str(seed), models="wide")
            tab.button("Play").wait_for()
            time.sleep(1)  # the charts' own code is loaded, the workers are free
            start = time.perf_counter()
            tab.button("Play").click()
            tab.page.wait_for_function(POINT, polling=20)
            seconds.append(time.perf_counter() - start)
            tab.page.get_by_role("cell", name="done, ").wait_for()
            tab.context.close()
        browser.close()
    return seconds


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    pages, points = figures["pages"], figures["first_point"]
    dear = [key for key, page in pages.items() if page["cpu"] > AIM_CPU]
    point = statistics.median(points)
    rows = [
        (
            key,
            f"{page['cpu']:.3f}",
            f"{page['seconds']:.3f}",
            f"{page['first_cpu']:.2f}",
            f"{page['first_seconds']:.2f}",
        )
        for key, page in pages.items()
    ]
    head = (
        "page",
        "CPU s per cached click",
        "seconds",
        "first opening, CPU s",
        "first opening, seconds",
    )
    met = "met on every page" if not dear else "not met on " + ", ".join(dear)
    aim = "met" if point <= AIM_POINT else "not met"
    return f"""## Clicks

One session, {CLICKS} clicks a page that draw the whole page again from what is cached, after four
models were trained. CPU is the server process's own. The first opening of a page on this server
imports what it needs.

{table(head, rows)}

Aim: under {AIM_CPU} CPU seconds for a cached click: **{met}**.

From Play to the first point in Chromium, with a warm worker free: median {point:.2f} s of
{len(points)} ({min(points):.2f} to {max(points):.2f}). Aim: within {AIM_POINT:.0f} s: **{aim}**.
"""
