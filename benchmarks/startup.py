"""From the command to the first page, and the memory it takes.

Three cold starts each of `python -m recsys_demo serve` with two workers, files in the system's
cache: seconds from the command until the server answers, and until the first page has come whole to
a session that asks for it as soon as it can; megabytes of the server then, and of the workers once
they are warm. Then a Chromium with an empty profile opens the Start page: seconds until there is a
heading to read and until the page is whole, megabytes the server sends it, and those it sends when
the page is opened again.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import sync_playwright

from benchmarks.tables import spread, table
from tests.making.visitor import Visitor

STARTS, WORKERS = 3, 2
FIRST_PAGE_SECONDS = 5.0
WARM_SECONDS = 20.0


def measure() -> dict[str, Any]:
    """Start and stop."""
    return {"starts": [_start() for _ in range(STARTS)]}


def _start() -> dict[str, float]:
    from tests.making.servers import start_server, stop_server

    with tempfile.TemporaryDirectory() as home:
        begun = time.perf_counter()
        server = start_server(Path(home), RECSYS_DEMO_WORKERS=str(WORKERS))
        try:
            answers = time.perf_counter() - begun
            asyncio.run(_first_page(server.address))
            first_page = time.perf_counter() - begun
            process = psutil.Process(server.process.pid)
            memory = process.memory_info().rss / 2**20
            workers = _warm(process)
            visits = _visits(server.address)
        finally:
            stop_server(server)
    return {
        "answers": answers,
        "first_page": first_page,
        "server_mb": memory,
        "workers_mb": workers,
        **visits,
    }


async def _first_page(address: str) -> None:
    async with Visitor(address, 0, "") as visitor:
        await visitor.open()


def _visits(address: str) -> dict[str, float]:
    """The first visit of a browser, and its second."""
    from tests.making import chromium
    from tests.making.driving import new_tab

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        tab = new_tab(browser, address)
        network = tab.context.new_cdp_session(tab.page)
        network.send("Network.enable")
        sent: list[float] = []
        network.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
        begun = time.perf_counter()
        tab.page.goto(address, wait_until="commit")
        tab.page.get_by_role("heading").first.wait_for()
        heading = time.perf_counter() - begun
        tab.page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
        tab.rest()
        whole = time.perf_counter() - begun
        first = sum(sent) / 1e6
        sent.clear()
        tab.enter("start")
        browser.close()
    return {
        "heading": heading,
        "visit": whole,
        "visit_mb": first,
        "again_mb": sum(sent) / 1e6,
    }


def _warm(process: psutil.Process) -> float:
    """What the workers take once it grows no more."""
    before, deadline = 0.0, time.perf_counter() + WARM_SECONDS
    while time.perf_counter() < deadline:
        time.sleep(2)
        now = sum(child.memory_info().rss for child in process.children(recursive=True)) / 2**20
        if now > 0 and abs(now - before) < 1:
            break
        before = now
    return now


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    starts = figures["starts"]
    rows = [
        [told, spread([start[key] for start in starts], digits)]
        for told, key, digits in (
            ("server answers, s", "answers", 2),
            ("first page whole, s", "first_page", 2),
            ("memory of the server, MB", "server_mb", 0),
            (f"memory of {WORKERS} warm workers, MB", "workers_mb", 0),
            ("first visit: heading, s", "heading", 2),
            ("first visit: whole, s", "visit", 2),
            ("first visit: sent, MB", "visit_mb", 1),
            ("second visit: sent, MB", "again_mb", 2),
        )
    ]
    slowest = max(start["first_page"] for start in starts)
    mean = statistics.fmean(start["first_page"] for start in starts)
    held = "holds" if slowest <= FIRST_PAGE_SECONDS else "DOES NOT HOLD"
    return f"""## Start-up

{__doc__.split(chr(10), 2)[2].strip()}

{table(["", f"mean ± standard deviation of {STARTS}"], rows)}

The first page in under {FIRST_PAGE_SECONDS:g} s (mean {mean:.1f} s, slowest {slowest:.1f} s):
{held}."""
