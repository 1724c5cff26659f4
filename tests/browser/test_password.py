"""A server with a password, as a student meets it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.making.driving import new_tab
from tests.making.servers import Server, start_server, stop_server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(
        tmp_path_factory.mktemp("closed"),
        RECSYS_DEMO_PASSWORD="open sesame",
        RECSYS_DEMO_WORKERS="1",
    )
    yield running
    stop_server(running)


def test_a_lesson_link_asks_once_and_leads_to_the_lesson(closed: Server, browser: Browser) -> None:
    tab = new_tab(browser, closed.address)
    page = tab.page
    page.goto(f"{closed.address}/crosses?lesson=Read+this+first")
    word = page.get_by_label("The password your teacher gave you")
    expect(word).to_be_focused()
    word.fill("wrong guess")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the password of this lab.")
    page.get_by_label("The password your teacher gave you").fill("open sesame")
    page.keyboard.press("Enter")
    tab.rest()
    tab.sees("Read this first")
    assert page.url.startswith(f"{closed.address}/crosses")
    # Not asked again: another page, another tab of this browser.
    tab.go("Data")
    second = tab.context.new_page()
    second.goto(closed.address)
    expect(second.get_by_test_id("stSidebar")).to_be_visible()
    tab.tests_out_well()
    tab.context.close()
