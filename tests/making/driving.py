"""Driving the lab in a real Chromium as a person would: open, wait until it is at rest, look."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    TimeoutError,
    expect,
)

# First runs import and load on a busy machine; nothing waits this long when it works.
PATIENCE_MS = 120_000
# What is not there yet is waited for as long, not for the five seconds of a machine at rest.
expect.set_options(timeout=PATIENCE_MS)
LAPTOP, PHONE = (1366, 768), (390, 844)
AT_REST = (
    '[data-testid="stApp"][data-test-script-state="notRunning"]'
    '[data-test-connection-state="CONNECTED"]'
)


@dataclass
class Tab:
    """A browser tab on the lab, in a profile of its own."""

    page: Page
    context: BrowserContext
    address: str
    # What the page asked of anybody but the lab's own server: must stay empty.
    strangers: list[str] = field(default_factory=list)

    def note(self, request: Request) -> None:
        """Listens to what the page asks for."""
        own = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(own):
            self.strangers.append(request.url)

    def open(self, file: str = "", **parameters: str) -> None:
        """Open a page ("train") with these link parameters, and wait until it is at rest."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        self.page.goto(f"{self.address}/{file}{query}")
        self.rest()

    def enter(self, room: str, **parameters: str) -> None:
        """Open a room by its key and wait until it shows."""
        self.open("" if room == "start" else room, **parameters)
        self.page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
        self.rest()

    def rest(self) -> None:
        """Wait until the script has run and everything it wrote is there. A page that redraws
        itself is at rest between two redraws."""
        expect(self.page.locator(AT_REST)).to_be_attached(timeout=PATIENCE_MS)
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=PATIENCE_MS)

    @property
    def url(self) -> str:
        """What the address bar says."""
        url: str = self.page.evaluate("location.href")
        return url

    def go(self, room: str) -> None:
        """Use the menu."""
        self.page.get_by_test_id("stSidebar").get_by_role("link", name=room).click()
        self.rest()

    def press(self, name: str | re.Pattern[str]) -> None:
        """Click a button by its label."""
        self.button(name).click()
        self.rest()

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button of the page or the sidebar by its label."""
        pattern = re.compile(rf"{re.escape(name)}$") if isinstance(name, str) else name
        return self.page.get_by_role("button", name=pattern).first

    def sees(self, text: str | re.Pattern[str], timeout: float = PATIENCE_MS) -> None:
        """Wait for visible text."""
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=timeout)

    def sees_not(self, text: str | re.Pattern[str]) -> None:
        """Wait until the text is nowhere."""
        expect(self.page.get_by_text(text)).to_have_count(0, timeout=PATIENCE_MS)

    def tests_out_well(self) -> None:
        """No exception on the page, nothing asked of the network."""
        assert self.page.get_by_test_id("stException").count() == 0
        assert self.strangers == []

    def overflows(self) -> bool:
        """Whether one must scroll sideways."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        )
        return wide

    def picture(self, path: Path) -> None:
        """A screenshot of what a person sees."""
        self.page.screenshot(path=path)


def pick(tab: Tab, box: str, value: str) -> None:
    """Open a box of choices and click one; a page that is drawn again closes an open box."""
    option = tab.page.get_by_role("option", name=value, exact=True)
    for attempt in range(3):
        tab.rest()
        tab.page.get_by_role("combobox", name=box, exact=True).click()
        try:
            option.click(timeout=PATIENCE_MS if attempt == 2 else 4_000)
        except TimeoutError:
            tab.page.keyboard.press("Escape")
        else:
            tab.rest()
            return


def new_profile(
    browser: Browser, size: tuple[int, int] = LAPTOP, scheme: str = "light", **options: Any
) -> BrowserContext:
    """An empty profile with Playwright's `options`: nothing kept, no cookies. Of somebody who wants
    no motion, which halves what a page costs here."""
    return browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce",
        color_scheme="dark" if scheme == "dark" else "light",
        accept_downloads=True,
        **options,
    )


def tab_on(page: Page, address: str) -> Tab:
    """This page as a tab; what it asks of anybody but the lab's server is noted."""
    tab = Tab(page, page.context, address)
    page.set_default_timeout(PATIENCE_MS)
    page.on("request", tab.note)
    return tab


def new_tab(
    browser: Browser,
    address: str,
    size: tuple[int, int] = LAPTOP,
    scheme: str = "light",
    **options: Any,
) -> Tab:
    """A tab with an empty profile of its own."""
    return tab_on(new_profile(browser, size, scheme, **options).new_page(), address)
