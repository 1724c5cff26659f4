"""One server and one Chromium for all browser tests of a test process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.making import chromium
from tests.making.driving import LAPTOP, Tab, new_profile, tab_on
from tests.making.servers import Server, start_server, stop_server
from tests.making.visitor import AGAIN, PATIENCE, TRAIN, Visitor

NAME = "lab.example"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A lab shared by the tests of this process: what one test trained, the next finds."""
    running = start_server(tmp_path_factory.mktemp("lab"))
    yield running
    stop_server(running)


@pytest.fixture(scope="session")
def four_trained(server: Server) -> None:
    """The four models of the Start page, trained with no page open that would draw it."""
    with ThreadPoolExecutor(1) as pool:  # Chromium's event loop runs in the main thread
        pool.submit(asyncio.run, _train_four(server.address)).result()


async def _train_four(address: str) -> None:
    async with Visitor(address, 0, "") as visitor:
        await visitor.open()
        controls = visitor.seen.controls
        if ("button", TRAIN) in controls:  # else another test has trained them
            await visitor.press(TRAIN)
        async with asyncio.timeout(2 * PATIENCE):
            while ("button", AGAIN) not in controls:
                await asyncio.sleep(0.2)


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
                # Pages live for seconds; clearing a small heap is a tenth of their work.
                "--js-flags=--min-semi-space-size=64 --max-semi-space-size=128"
                " --initial-heap-size=512",
                # No network: a name is never found, but that of the examples is this machine's.
                f"--host-resolver-rules=MAP {NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield shown
        shown.close()


class People:
    """Profiles with one page each, lent to tests. They have been here before: Streamlit's scripts,
    eight megabytes, are loaded and compiled once and not by every test."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: list[BrowserContext] = []

    def lend(self, address: str, size: tuple[int, int], scheme: str) -> Tab:
        """A tab of somebody the lab does not know yet; the one lent most often goes first."""
        profile = self._idle.pop() if self._idle else new_profile(self._browser)
        page = profile.pages[0] if profile.pages else profile.new_page()
        profile.clear_cookies()
        session = profile.new_cdp_session(page)
        kept = {"origin": address, "storageTypes": "local_storage"}
        session.send("Storage.clearDataForOrigin", kept)
        session.detach()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        dark: Literal["dark", "light"] = "dark" if scheme == "dark" else "light"
        page.emulate_media(media="screen", color_scheme=dark)
        return tab_on(page, address)

    def take_back(self, tabs: list[Tab]) -> None:
        """Lent by this test, in this order."""
        for tab in reversed(tabs):
            tab.page.goto("about:blank")  # ends its session, and what it would go on drawing
            tab.page.remove_listener("request", tab.note)
            self._idle.append(tab.context)

    def leave(self) -> None:
        """For good."""
        for profile in self._idle:
            profile.close()


@pytest.fixture(scope="package")
def people(browser: Browser) -> Iterator[People]:
    """Whoever opens tabs in this test process."""
    all_of_them = People(browser)
    yield all_of_them
    all_of_them.leave()


OpenTab = Callable[..., Tab]


@pytest.fixture
def open_tab(server: Server, people: People) -> Iterator[OpenTab]:
    """Makes tabs of different people; checks each at the end."""
    tabs: list[Tab] = []

    def make(size: tuple[int, int] = LAPTOP, scheme: str = "light") -> Tab:
        tabs.append(people.lend(server.address, size, scheme))
        return tabs[-1]

    yield make
    try:
        for tab in tabs:
            tab.tests_out_well()
    finally:
        people.take_back(tabs)


@pytest.fixture
def tab(open_tab: OpenTab) -> Tab:
    """One tab at laptop size."""
    return open_tab()
