"""The Train room as people use it: play, pause, step, leave, come back, lose a worker."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from recsys_demo.jobs.store import JobStore
from tests.browser.conftest import OpenTab
from tests.making.driving import PATIENCE_MS, Tab
from tests.making.moments import DONE, EPOCH, FOREVER, small
from tests.making.servers import Server

pytestmark = pytest.mark.browser
PAUSED = re.compile("^paused in epoch")


def rows(tab: Tab) -> list[list[str]]:
    """The run table as it stands."""
    table = tab.page.get_by_test_id("stTable").first
    return [
        [cell.inner_text().strip() for cell in row.get_by_role("cell").all()]
        for row in table.get_by_role("row").all()[1:]
    ]


def soon(met: Callable[[], bool], seconds: float = PATIENCE_MS / 1_000) -> None:
    """Wait for something that is no text on the page."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def state_of(server: Server, job_id: str) -> str:
    status = JobStore(server.home / "jobs").status(job_id)
    return status.state if status is not None else ""


def test_a_training_outlives_its_worker_and_its_page_and_ends_when_nobody_wants_it(
    tab: Tab, open_tab: OpenTab, server: Server
) -> None:
    few = (("train", {"slices": ["all"]}),)  # curves to draw at each look
    link = small(seed=41, training=FOREVER, controls=few)
    tab.open("train", **link)
    tab.button("Play").click()
    tab.sees(EPOCH)
    a_killed_worker_is_told_and_a_button_tries_again(tab, server)
    a_refresh_goes_on_showing_it(tab)
    other = open_tab()
    other.open("train", **link)
    nobody_stops_what_another_waits_for(tab, other)
    cancel_ends_it(other, server)


def a_killed_worker_is_told_and_a_button_tries_again(tab: Tab, server: Server) -> None:
    workers = workers_of(server)
    assert len(workers) == 2
    for worker in workers:
        worker.kill()
    tab.sees(re.compile("ended from outside"))
    tab.button("Try again").click()
    tab.sees(EPOCH)
    tab.sees_not(re.compile("ended from outside"))


def workers_of(server: Server) -> list[psutil.Process]:
    """The worker processes: forked from a parent of their own, or started themselves."""
    found = psutil.Process(server.process.pid).children(recursive=True)
    parents = {p.pid for p in found if "recsys_demo.jobs.worker_parent" in p.cmdline()}
    forked = [p for p in found if p.ppid() in parents]
    return forked or [p for p in found if "recsys_demo.jobs.worker" in p.cmdline()]


def a_refresh_goes_on_showing_it(tab: Tab) -> None:
    tab.page.reload()
    tab.sees(EPOCH)
    first = rows(tab)[0][2]
    soon(lambda: rows(tab)[0][2] != first)  # it goes on
    expect(tab.button("Pause")).to_be_visible()


def nobody_stops_what_another_waits_for(tab: Tab, other: Tab) -> None:
    """Another finds it running; to resume it asks for a share of one's own in it."""
    other.sees(EPOCH)
    tab.button("Pause").click()
    tab.sees(PAUSED)
    other.sees(PAUSED)
    other.button("Resume").click()
    other.sees(EPOCH)  # its wish has arrived
    tab.sees(EPOCH)
    tab.button("Cancel").click()
    tab.sees(re.compile("Others in this lab"))
    other.sees(EPOCH)


def cancel_ends_it(tab: Tab, server: Server) -> None:
    running = [j for j in JobStore(server.home / "jobs").ids() if state_of(server, j) == "running"]
    assert len(running) == 1
    tab.button("Cancel").click()
    began = time.monotonic()
    soon(lambda: state_of(server, running[0]) == "cancelled")
    assert time.monotonic() - began < 2
    tab.sees("cancelled")
    expect(tab.button("Play")).to_be_visible()


def step(tab: Tab, unit: str) -> None:
    """Choose a step in the menu of steps."""
    tab.rest()
    button = tab.button(f"Step 1 {unit}")
    if not button.is_visible():
        tab.button("Step").click()
    button.click()


def test_steps_of_a_batch_and_an_epoch_and_on_to_the_end(tab: Tab) -> None:
    tab.open("train", **small(seed=71))
    step(tab, "batch")
    tab.sees(re.compile(r"^paused in epoch 1, 1 of \d+ batches"))
    step(tab, "batch")
    tab.sees(re.compile(r"^paused in epoch 1, 2 of"))
    step(tab, "epoch")
    tab.sees(re.compile(r"^paused in epoch 2"))
    tab.button("Resume").click()
    tab.sees(DONE)
    tab.rest()  # the page is drawn again once it is done
    stepped = rows(tab)
    # Back to the same initial weights, and again to the same digits.
    tab.button("Rewind").click()
    tab.sees("rewound to epoch 0")
    step(tab, "epoch")
    tab.sees("rewound to epoch 1")
    tab.button("Play").click()
    tab.sees(DONE)
    tab.rest()
    assert rows(tab) == stepped


def test_pinned_runs_are_compared_named_noted_and_found_by_their_link(
    tab: Tab, open_tab: OpenTab
) -> None:
    tab.open("train", **small(seed=81))
    tab.button("Play").click()
    tab.sees(DONE)
    tab.rest()
    tab.press("Pin this run")
    seed = tab.page.get_by_role("spinbutton", name="Seed", exact=True)
    seed.fill("82")
    seed.press("Enter")
    tab.sees("not yet")
    tab.button("Play").click()
    expect(tab.page.get_by_role("cell", name=DONE)).to_have_count(2, timeout=PATIENCE_MS)
    assert [row[1] for row in rows(tab)] == ["82", "81"]
    tab.page.get_by_role("tab", name="What differs").click()
    differences = tab.page.get_by_role("tabpanel").get_by_test_id("stTable")
    expect(differences.get_by_role("row").nth(1)).to_contain_text(re.compile(r"seed\s*82\s*81"))
    tab.page.get_by_role("tab", name=re.compile("Pin, name")).click()
    for field, text in (("Name", "with more seeds"), ("Note", "=not a formula")):
        box = tab.page.get_by_role("textbox", name=field, exact=True)
        box.fill(text)
        box.press("Enter")
        tab.sees(text)
        tab.rest()
    table = rows(tab)
    assert [table[0][0], table[0][-1]] == ["with more seeds", "=not a formula"]
    with tab.page.expect_download() as download:
        tab.button("Run folder").click()
    assert download.value.suggested_filename == "wide-seed82.zip"
    tab.page.get_by_role("tab", name="What differs").click()
    with tab.page.expect_download() as download:
        tab.button("Runs as CSV").click()
    kept = Path(download.value.path()).read_text(encoding="utf-8")
    assert "'=not a formula" in kept
    assert table[0][4] in {f"{float(digits):.3f}" for digits in re.findall(r"0\.\d+", kept)}
    # Somebody else finds by the link what is trained, and the pin.
    assert all(re.fullmatch(r"0\.\d{3}", row[4]) for row in table)
    again = open_tab()
    again.page.goto(tab.url)
    again.sees("with more seeds")
    soon(lambda: rows(again) == table)


def test_settings_show_what_is_and_parts_light_up_as_they_are_switched_on(tab: Tab) -> None:
    tab.open("train", **small(models=("deep",)))
    expect(tab.page.get_by_role("img", name="Parts that are on: deep")).to_be_visible()
    tab.page.get_by_role("button", name="FM", exact=True).last.click()
    expect(tab.page.get_by_role("img", name=re.compile("on: FM, deep, on shared"))).to_be_visible()
    tab.rest()
    tab.button("Settings").click()
    rate = tab.page.get_by_role("spinbutton", name="Learning rate").first
    expect(rate).to_have_value("0.05")
    before = tab.url
    rate.fill("0.2")
    rate.press("Enter")
    soon(lambda: tab.url != before)
    expect(tab.page.get_by_role("textbox", name="Name").first).to_have_value("My Deep")
    widths = tab.page.get_by_role("textbox", name="Layers").first
    widths.fill("sixteen")
    widths.press("Enter")
    tab.sees(re.compile("Widths such as"))
    expect(tab.page.get_by_role("textbox", name="Layers").first).to_have_value("64-32")
    tab.page.reload()
    tab.sees("My Deep")
