"""The connection breaks in the middle of a training: nothing is lost, and the page comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from recsys_demo.config.model import TrainingConfig
from tests.making.driving import AT_REST, PATIENCE_MS, Tab, new_tab
from tests.making.moments import small
from tests.making.servers import Server
from tests.making.wire import Wire

pytestmark = pytest.mark.browser
SECONDS = TrainingConfig(epochs=12, patience=12, batch_size=8)  # long enough to be interrupted


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    between = Wire(server.address)
    yield between
    between.close()


def test_a_lost_connection_in_mid_training(wire: Wire, browser: Browser, tab: Tab) -> None:
    later, tab = tab, new_tab(browser, wire.address)
    page = tab.page
    tab.open(**small(seed=4711, models=("wide", "deep"), training=SECONDS))
    page.get_by_test_id("stSidebar").get_by_text("Projector").click()
    tab.rest()
    expect(tab.button("Undo")).to_be_enabled()
    tab.button(re.compile("Train two models")).click()
    expect(
        page.get_by_test_id("stMain").get_by_text(re.compile("starting|waiting|epoch")).first
    ).to_be_visible(timeout=PATIENCE_MS)
    link = page.url
    wire.cut()
    expect(page.locator(AT_REST)).to_have_count(0, timeout=PATIENCE_MS)
    expect(page.locator('[data-test-connection-state="CONNECTED"]')).to_have_count(0)
    wire.mend()
    # It connects again by itself, and the training has gone on meanwhile.
    expect(page.locator('[data-test-connection-state="CONNECTED"]')).to_be_attached(
        timeout=PATIENCE_MS
    )
    expect(tab.button("Retrain with a new seed")).to_be_visible(timeout=PATIENCE_MS)
    assert page.url == link
    expect(tab.button("Undo")).to_be_enabled()  # what the session knew it still knows
    tab.tests_out_well()
    tab.context.close()
    # And in another browser, later, the link finds it done.
    later.page.goto(link.replace(wire.address, later.address))
    expect(later.button("Retrain with a new seed")).to_be_visible(timeout=PATIENCE_MS)
