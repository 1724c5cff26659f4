"""A log whose every name is an attack goes through every room and does nothing."""

from __future__ import annotations

import csv
import io
import itertools
import random
import re

import pytest
from playwright.sync_api import Page, expect

from recsys_demo.ui.frame import PAGES, ROOT
from tests.browser.conftest import OpenTab
from tests.browser.driving import PATIENCE_MS, Tab

pytestmark = pytest.mark.browser
OURS = "window.struck=(window.struck||0)+1"
ATTACKS = [
    f"<img src=x onerror={OURS}>",
    f"<script>{OURS}</script>",
    f"<svg onload={OURS}>",
    f"<a href='javascript:{OURS}'>link</a>",
    f"[link](javascript:{OURS})",
    "![picture](http://stranger.invalid/x.png)",
    "$\\href{javascript:alert(1)}{x}$",
    "**bold** _it_ `code` :red[red] :material/bolt:",
    '=HYPERLINK("http://stranger.invalid","x")',
    "\u202eright to left\u202c \U0001f427",
    '"><iframe src="http://stranger.invalid">',
    "{{7*7}}${7*7}%s%n",
]
COLUMNS = {
    "user": "user",
    "item": "<b onmouseover=alert(1)>item</b>",
    "taste": "![taste](http://stranger.invalid/y.png)",
    "tags": f"<img src=x onerror={OURS}> tags",
}


def log() -> bytes:
    """Rows in which taste decides, so that there is something to learn and to draw."""
    chance = random.Random(0)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["label", *COLUMNS.values()])
    users = [f"{attack} u{n}" for n, attack in enumerate(ATTACKS * 5)]
    items = [f"{attack} i{n}" for n, attack in enumerate(ATTACKS * 2)]
    for place in range(1_500):
        user, item = chance.randrange(len(users)), chance.randrange(len(items))
        taken = chance.random() < (0.8 if (user + item) % 3 == 0 else 0.2)
        tags = "|".join({ATTACKS[user % 12], ATTACKS[place % 12]} - {"|"})
        writer.writerow([int(taken), users[user], items[item], ATTACKS[user % 3], tags])
    return file.getvalue().encode()


def unharmed(page: Page) -> None:
    """Nothing ran, and no element came into being out of a name."""
    assert page.evaluate("window.struck") is None
    for made in (
        "img[src='x']",
        "[onerror], [onmouseover], svg[onload]",
        "a[href^='javascript' i]",
        "[*|href^='javascript' i]",
        "[src*='stranger'], [href*='stranger']",
        "iframe[src*='stranger']",
        "[data-testid=stMain] b[onmouseover]",
    ):
        assert page.evaluate("made => document.querySelectorAll(made).length", made) == 0, made


def hover(page: Page) -> None:
    """Move over every chart, so that it shows what it has to say about its points."""
    for chart in page.locator(".js-plotly-plot:visible").all()[:6]:
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        if box is None:
            continue
        for across, down in itertools.product((0.2, 0.4, 0.6, 0.8), (0.3, 0.5, 0.7)):
            page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def through_tabs(tab: Tab) -> None:
    """Every tab and every closed part of the page."""
    main = tab.page.get_by_test_id("stMain")
    for part in main.get_by_role("tab").all():
        part.click()
        tab.rest()
        hover(tab.page)
        unharmed(tab.page)
    for part in main.locator("details:not([open]) > summary").all()[:8]:
        part.click()
    tab.rest()
    unharmed(tab.page)


def test_hostile_names_are_inert_everywhere(open_tab: OpenTab) -> None:
    tab = open_tab()
    page = tab.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    tab.open("data")
    page.get_by_test_id("stMain").get_by_text("Your own file", exact=True).first.click()
    tab.rest()
    page.locator("input[type=file]").set_input_files(
        {"name": "<img src=x onerror=alert(1)>.csv", "mimeType": "text/csv", "buffer": log()}
    )
    expect(tab.button(re.compile("Use this log"))).to_be_enabled(timeout=PATIENCE_MS)
    unharmed(page)
    tab.press(re.compile("Use this log"))
    unharmed(page)
    tab.go("Start")
    tab.press(re.compile(r"Train four models"))
    expect(tab.button(re.compile("Again"))).to_be_visible(timeout=PATIENCE_MS)
    for room in PAGES:
        if not (ROOT / room.file).exists():
            continue
        tab.go(room.label) if room.label not in page.title() else tab.rest()
        page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert page.get_by_test_id("stException").count() == 0, room.key
        hover(page)
        unharmed(page)
        through_tabs(tab)
    assert dialogs == []
    assert tab.strangers == []
