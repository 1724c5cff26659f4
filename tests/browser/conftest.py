"""One server and one Chromium for all browser tests of a test process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.making import chromium
from tests.making.driving import LAPTOP, Tab, new_profile, new_tab, tab_on
from tests.making.servers import Server, start_server, stop_server

NAME = "lab.example"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A lab shared by the tests of this process: what one test trained, the next finds."""
    running = start_server(tmp_path_factory.mktemp("lab"))
    yield running
    stop_server(running)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium without a window. It ends with this package: as long as it is there, its event
    loop runs in the main thread, and other tests need their own."""
    with sync_playwright() as playwright:
        path = chromium.find()
        assert path is not None, chromium.ADVICE
        shown = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-quic",
                # No network: a name is never found, but that of the examples is this machine's.
                f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield shown
        shown.close()


OpenTab = Callable[..., Tab]


@pytest.fixture
def open_tab(server: Server, browser: Browser) -> Iterator[OpenTab]:
    """Makes tabs with profiles of their own; checks each at the end."""
    tabs: list[Tab] = []

    def make(size: tuple[int, int] = LAPTOP, scheme: str = "light") -> Tab:
        tabs.append(new_tab(browser, server.address, size, scheme))
        return tabs[-1]

    yield make
    try:
        for tab in tabs:
            tab.tests_out_well()
    finally:
        for tab in tabs:
            tab.context.close()


@pytest.fixture(scope="package")
def visited(browser: Browser) -> Iterator[BrowserContext]:
    """A profile that has been here before, with one page: Streamlit's scripts, eight megabytes, are
    loaded and compiled once and not by every test."""
    profile = new_profile(browser)
    profile.new_page()
    yield profile
    profile.close()


@pytest.fixture
def tab(server: Server, visited: BrowserContext) -> Iterator[Tab]:
    """One tab at laptop size, of somebody the lab does not know yet."""
    page = visited.pages[0]
    visited.clear_cookies()
    kept = {"origin": server.address, "storageTypes": "local_storage"}
    session = visited.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", kept)
    session.detach()
    page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    page.emulate_media(media="screen", color_scheme="light")
    shown = tab_on(page, server.address)
    yield shown
    try:
        shown.tests_out_well()
    finally:
        page.goto("about:blank")  # ends its session, and with it what it would go on drawing
        page.remove_listener("request", shown.note)
