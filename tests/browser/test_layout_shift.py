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

# What a person has done in the half second before is no surprise, and Chromium does not count it.
OBSERVE = """window.shifts = [];
new PerformanceObserver(list => list.getEntries()
  .filter(entry => !entry.hadRecentInput)
  .forEach(entry => window.shifts.push(entry.value)))
  .observe({type: 'layout-shift', buffered: true});"""
pytestmark = pytest.mark.browser
GOING = re.compile(r"^epoch \d+")
MOST = 0.05
ROOMS = (("", "Train one model"), ("train", "Play"))


def test_nothing_jumps_while_a_model_trains(server: Server, tab: Tab) -> None:
    store = JobStore(server.home / "jobs")
    for number, (room, begin) in enumerate(ROOMS):
        tab.open(room, **small(seed=91 + number, training=FOREVER))
        tab.button(begin).wait_for()
        tab.button(begin).click()
        # What the click itself moves comes later than half a second on a busy machine.
        expect(tab.page.get_by_test_id("stMain").get_by_text(GOING).first).to_be_visible()
        tab.page.evaluate(OBSERVE)
        tab.page.evaluate("window.shifts.length = 0")
        watched(tab)
        shifted = tab.page.evaluate("window.shifts.reduce((sum, one) => sum + one, 0)")
        assert shifted < MOST, room
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
