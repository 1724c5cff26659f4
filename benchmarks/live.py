"""How soon dots move and settle, and whether a dial may be turned to and fro for a minute.

A real Chromium presses *Train four models* on the Start page, each time with a seed nobody has
trained, and looks at every frame that changes: the first new path is the first motion, the button
that comes back says that all dots have settled. Then, with Live on, a dial of the Data room goes to
and fro without a rest, while the folder of jobs and the server's memory are looked at; at its end
the dots must be those of where the dial stands. `LIVE_PRESSES` and `LIVE_SECONDS` make it shorter.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psutil

from recsys_demo.config.presets import default_crosses
from recsys_demo.data.sources import schema_of_source
from recsys_demo.jobs.store import JobStore
from recsys_demo.jobs.training_task import train_job
from recsys_demo.ui.state import decode
from tests.making import chromium
from tests.making.driving import Tab, new_tab
from tests.making.servers import Server, start_server, stop_server
from tests.making.visitor import AGAIN, TRAIN

PRESSES = int(os.environ.get("LIVE_PRESSES", "10"))
DRAG_SECONDS = float(os.environ.get("LIVE_SECONDS", "60"))
CLICKS = 10
MOST_SECONDS, MOST_CLICK_SECONDS = 120, 10  # what takes longer has not come
AIM_MOTION, AIM_SETTLED, AIM_CLICK = 0.7, 1.5, 0.3
DIAL = "Strength of taste"
# Resolves with the seconds from the click to the first path that was not there before, and to the
# button that says that all is done; null is what has not come in `most` seconds. It looks at the
# frames in which something has changed: to look at each would take the cores from what is timed.
PRESS = """([name, again, most]) => new Promise((done) => {
  const paths = () => [...document.querySelectorAll('[class*=st-key-start-map] .js-line')]
    .map((path) => path.getAttribute('d'));
  const named = (text) => [...document.querySelectorAll('button')]
    .find((button) => button.textContent.includes(text));
  const [before, begun] = [new Set(paths()), performance.now()];
  let [left, moved, asked] = [false, null, false];
  const look = () => {
    asked = false;
    const now = (performance.now() - begun) / 1000;
    left ||= !named(again);
    if (left && moved === null && paths().some((path) => !before.has(path))) moved = now;
    if (moved !== null && named(again)) end(now);
  };
  const changes = new MutationObserver(() => { if (!asked) asked = requestAnimationFrame(look); });
  const end = (settled) => { changes.disconnect(); done([moved, settled]); };
  changes.observe(document.body, {subtree: true, childList: true, attributes: true});
  setTimeout(() => end(null), most * 1000);
  named(name).click();
})"""
# Flips *Projector* in the sidebar, which folds away with it; resolves with the seconds until the
# page has answered, in its link and as a whole.
CLICK = """(most) => new Promise((done) => {
  const link = location.href, begun = performance.now();
  const look = () => {
    const now = (performance.now() - begun) / 1000;
    const app = document.querySelector('[data-testid=stApp]');
    const rests = app.dataset.testScriptState === 'notRunning';
    if ((rests && location.href !== link) || now > most) return done(now);
    requestAnimationFrame(look);
  };
  document.querySelector('[class*=st-key-frame-projector] input').click();
  look();
})"""
# The runs whose dots the small map shows now.
SHOWN = """() => document.querySelector('[class*=st-key-live-map] .js-plotly-plot').data
  .filter((trace) => /^travels/.test(trace.meta)).map((trace) => trace.customdata[0])"""


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
    for number in range(PRESSES + 1):
        seconds = tab.page.evaluate(PRESS, [AGAIN if number else TRAIN, AGAIN, MOST_SECONDS])
        if None in seconds:
            raise RuntimeError(f"press {number} moved and settled the dots after {seconds} seconds")
        sys.stderr.write(f"press {number}: {seconds[0]:.2f} and {seconds[1]:.2f} s\n")
        found.append(seconds)
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
    clicks = []
    for _ in range(CLICKS):
        clicks.append(tab.page.evaluate(CLICK, MOST_CLICK_SECONDS))
        tab.rest()
    return {
        "most_of_a_model": most,
        "megabytes": memory,
        "clicks": clicks,
        "stale": _stale_dots(tab, store),
    }


def _stale_dots(tab: Tab, store: JobStore) -> int:
    """Dots of the small map that are not of the state, once its models are trained."""
    wanted = _wanted(tab.url)
    begun = time.monotonic()
    while time.monotonic() - begun < MOST_SECONDS:
        states = [store.status(job) for job in wanted]
        if all(status is not None and status.state == "done" for status in states):
            break
        time.sleep(0.2)
    time.sleep(5)  # the map looks again
    return len(set(tab.page.evaluate(SHOWN)) ^ set(wanted))


def _wanted(link: str) -> list[str]:
    """The jobs of the state that a link describes."""
    state, _ = decode(dict(parse_qsl(urlsplit(link).query)))
    schema = schema_of_source(state.data)
    configs = state.run_configs(default_crosses(schema), schema.split is not None)
    return [train_job(config).id for config in configs]


def _most_of_a_model(store: JobStore) -> int:
    """The most jobs of one model that wait or run."""
    there = ((job, store.status(job)) for job in store.ids())
    specs = [store.spec(job) for job, status in there if status and not status.has_ended]
    names = [str(spec.payload["config"]["model"]["name"]) for spec in specs if spec is not None]
    return max(Counter(names).values(), default=0)


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
{turned["most_of_a_model"]} job of a model under way at a time, {turned["stale"]} stale dots at the
end, a click answered after {click:.2f} s in the median (aim {AIM_CLICK} s:
**{met[click <= AIM_CLICK]}**), the server's memory {before:.0f} MB before and {after:.0f} MB after.
"""
