"""How soon dots move and settle, and whether a dial may be turned to and fro for a minute.

A real Chromium presses *Train four models* on the Start page, each time with a seed nobody has
trained, and looks at every frame: the first path is the first motion, the button that comes back
says that all dots have settled. Then, with Live on, a dial of the Data room goes to and fro without
a rest, while the folder of jobs and the server's memory are looked at.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from recsys_demo.jobs.store import JobStore
from tests.making import chromium
from tests.making.driving import Tab, new_tab
from tests.making.servers import Server, start_server, stop_server
from tests.making.visitor import AGAIN, TRAIN

TIMES, DRAG_SECONDS, CLICKS = 10, 60.0, 10
AIM_MOTION, AIM_SETTLED, AIM_CLICK = 0.7, 1.5, 0.3
DIAL = "Strength of taste"
# Resolves with the seconds from the click to the first path that was not there, and to the button.
PRESS = """([first, train, again]) => new Promise((done) => {
  const map = () => document.querySelectorAll('[class*=st-key-start-map] .js-line').length;
  const named = (name) => [...document.querySelectorAll('button')]
    .find((button) => button.innerText.includes(name));
  const begun = performance.now();
  let [gone, moved] = [first, 0];
  const look = () => {
    gone ||= map() === 0;
    const now = (performance.now() - begun) / 1000;
    if (gone && !moved && map() > 0) moved = now;
    if (moved && named(again)) return done([moved, now]);
    requestAnimationFrame(look);
  };
  named(first ? train : again).click();
  look();
})"""


def measure() -> dict[str, Any]:
    """Press, and turn."""
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    assert path is not None, chromium.ADVICE
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = start_server(Path(home))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            tab = new_tab(browser, server.address)
            pressed = _presses(tab)
            return {"pressed": pressed, "turned": _turned(tab, server)}
        finally:
            browser.close()
            stop_server(server)


def _presses(tab: Tab) -> list[list[float]]:
    """Seconds to the first motion and to settled dots; the first press warms, and is left out."""
    tab.open(seed="1000")
    tab.button(TRAIN).wait_for()
    tab.page.locator("[class*=st-key-start-map] .point").first.wait_for()
    time.sleep(10)  # the workers are warm
    found = []
    for number in range(TIMES + 1):
        found.append(tab.page.evaluate(PRESS, [number == 0, TRAIN, AGAIN]))
        tab.rest()
        time.sleep(1)
    return found[1:]


def _turned(tab: Tab, server: Server) -> dict[str, Any]:
    """A minute of turning, then what is left of it."""
    tab.enter("data", seed="1000", live="1")
    dial = tab.page.get_by_role("slider", name=DIAL)
    dial.wait_for()
    store, process = JobStore(server.home / "jobs"), psutil.Process(server.process.pid)
    most, memory = 0, [_megabytes(process)]
    end = time.monotonic() + DRAG_SECONDS
    while time.monotonic() < end:
        for key in ("ArrowRight", "ArrowLeft"):
            dial.press(key)
            time.sleep(0.15)
            most = max(most, _most_of_a_model(store))
    memory.append(_megabytes(process))
    clicks = [_click(tab) for _ in range(CLICKS)]
    begun = time.monotonic()
    while _under_way(store) and time.monotonic() - begun < 120:
        time.sleep(0.2)
    return {"most_of_a_model": most, "megabytes": memory, "clicks": clicks}


def _click(tab: Tab) -> float:
    """Seconds until the page has answered a click."""
    begun = time.perf_counter()
    tab.page.get_by_test_id("stSidebar").get_by_text("Projector").click()
    tab.rest()
    return time.perf_counter() - begun


def _under_way(store: JobStore) -> list[str]:
    """The models of the jobs that wait or run."""
    there = ((job, store.status(job)) for job in store.ids())
    specs = [store.spec(job) for job, status in there if status and not status.has_ended]
    return [str(spec.payload["config"]["model"]["name"]) for spec in specs if spec is not None]


def _most_of_a_model(store: JobStore) -> int:
    return max(Counter(_under_way(store)).values(), default=0)


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    pressed, turned = figures["pressed"], figures["turned"]
    moved, settled = (statistics.median(column) for column in zip(*pressed, strict=True))
    click = statistics.median(turned["clicks"])
    before, after = turned["megabytes"]
    met = {True: "met", False: "not met"}
    return f"""## Live

From the click on *Train four models* in Chromium, warm workers, median of {len(pressed)}: the
first dot moves after {moved:.2f} s (aim {AIM_MOTION} s: **{met[moved <= AIM_MOTION]}**), all four
have settled after {settled:.2f} s (aim {AIM_SETTLED} s: **{met[settled <= AIM_SETTLED]}**).

Live on, a dial of the world turned to and fro for {DRAG_SECONDS:.0f} s: at most
{turned["most_of_a_model"]} job of a model under way at a time, a click answered after {click:.2f} s
in the median (aim {AIM_CLICK} s: **{met[click <= AIM_CLICK]}**), the server's memory
{before:.0f} MB before and {after:.0f} MB after.
"""
