"""Nothing jumps while something trains: Chromium counts how far what is seen is moved."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from recsys_demo.jobs.store import Command, JobStore
from tests.making.driving import PATIENCE_MS, Tab
from tests.making.moments import FOREVER, small
from tests.making.servers import Server

# What the click itself moves counts too: on a slow machine it comes late enough to be a surprise.
OBSERVE = """() => {
  window.shifts = [];
  const box = ({x, y, width, height}) => [x, y, width, height].map(Math.round);
  const told = ({node, previousRect, currentRect}) =>
    `${(node?.textContent ?? '').slice(0, 40)} ${box(previousRect)} to ${box(currentRect)}`;
  new PerformanceObserver(list => list.getEntries()
    .forEach(entry => window.shifts.push([entry.value, entry.sources.map(told)])))
    .observe({type: 'layout-shift'});
}"""
DRAWN = """() => {
  const charts = [...document.querySelectorAll('[data-testid=stMain] [data-testid=stPlotlyChart]')];
  return charts.length && charts.every((chart) => chart.querySelector('svg.main-svg'));
}"""
pytestmark = pytest.mark.browser
GOING = re.compile(r"^epoch \d+")
MOST = 0.05
ROOMS = (("", "Train one model"), ("train", "Play"))


def test_nothing_jumps_while_a_model_trains(server: Server, tab: Tab) -> None:
    store = JobStore(server.home / "jobs")
    for number, (room, begin) in enumerate(ROOMS):
        tab.open(room, **small(seed=91 + number, training=FOREVER))
        tab.button(begin).wait_for()
        tab.page.wait_for_function(DRAWN)  # what comes late is no jump of the training
        tab.rest()
        tab.page.evaluate(OBSERVE)
        tab.button(begin).click()
        watched(tab)
        shifts = tab.page.evaluate("window.shifts")
        assert sum(value for value, _ in shifts) < MOST, (room, shifts)
        cancel_all(store)


def cancel_all(store: JobStore) -> None:
    """No page need be drawn for it."""
    while running := [job for job in store.ids() if is_at_work(store, job)]:
        for job in running:
            store.command(job, Command(command="cancel"))
        time.sleep(0.1)


def is_at_work(store: JobStore, job: str) -> bool:
    status = store.status(job)
    return status is not None and not status.has_ended


def watched(tab: Tab) -> None:
    """Until a model has gone on for three epochs that the page has shown."""
    told = tab.page.get_by_test_id("stMain").get_by_text(GOING).first
    seen = ""
    for _ in range(3):
        expect(told).not_to_have_text(seen, timeout=PATIENCE_MS)
        seen = told.inner_text()
