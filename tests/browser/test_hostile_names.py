"""A log whose every name is an attack goes through every room and does nothing."""

from __future__ import annotations

import csv
import io
import itertools
import random
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, expect

from recsys_demo.config.presets import PRESETS
from recsys_demo.folders import ROOT
from recsys_demo.studies.crosses.entries import CrossEntry
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import QueryChoice, State, encode
from tests.making.driving import PATIENCE_MS, Tab

pytestmark = pytest.mark.browser
OURS = "window.struck=1"
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
    "http://stranger.invalid www.stranger.invalid who@stranger.invalid",
]
CAN_RUN = (
    "img[src='x'], img[src*='stranger'], iframe[src*='stranger']",
    "[onerror], [onmouseover], svg[onload]",
    "a[href^='javascript' i]",
    "[*|href^='javascript' i]",
)
COLUMNS = {
    "user": "user",
    "item": "item",
    "more": "<b onmouseover=alert(1)>more</b>",
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
        tags = "|".join({ATTACKS[user % 13], ATTACKS[place % 13]} - {"|"})
        more = ATTACKS[place % 7]
        writer.writerow([int(taken), users[user], items[item], more, ATTACKS[user % 3], tags])
    return file.getvalue().encode()


def ran_nothing(page: Page) -> None:
    """Nothing ran, and no element that could came into being."""
    assert page.evaluate("window.struck") is None
    none_of(page, *CAN_RUN)


def unharmed(page: Page) -> None:
    """The same, and no element at all came into being out of a name."""
    ran_nothing(page)
    none_of(page, "[src*='stranger'], [href*='stranger']", "[data-testid=stMain] b[onmouseover]")


def none_of(page: Page, *kinds: str) -> None:
    for made in kinds:
        found = page.evaluate(
            "made => [...document.querySelectorAll(made)].map(e => e.parentElement.outerHTML)", made
        )
        assert found == [], made


# A page may redraw a chart between two questions about it: one question both shows and measures.
SHOW_CHART = """([part, place]) => {
  const all = document.querySelectorAll(`${part} .js-plotly-plot`);
  const charts = [...all].filter(e => e.offsetParent);
  if (place >= charts.length) return null;
  charts[place].scrollIntoView({block: 'center'});
  const box = charts[place].getBoundingClientRect();
  return {x: box.x, y: box.y, width: box.width, height: box.height};
}"""


def hover(page: Page, part: str) -> None:
    """Move over every chart of a part, so that it shows what it has to say about its points."""
    for place in range(6):
        box = page.evaluate(SHOW_CHART, [part, place])
        if box is None:
            return
        for across, down in itertools.product((0.2, 0.4, 0.6, 0.8), (0.3, 0.5, 0.7)):
            page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


# The same with closed parts: opening one may replace another.
OPEN_PARTS = """() => {
  const closed = '[data-testid=stMain] details:not([open]) > summary';
  [...document.querySelectorAll(closed)].slice(0, 8).forEach(summary => summary.click());
}"""


def through_tabs(tab: Tab) -> None:
    """Every tab and every closed part of the page."""
    main = tab.page.get_by_test_id("stMain")
    for part in main.get_by_role("tab").all():
        part.click()
        tab.rest()
        hover(tab.page, "[role=tabpanel]")
        unharmed(tab.page)
    tab.page.evaluate(OPEN_PARTS)
    tab.rest()
    unharmed(tab.page)


def look_everywhere(tab: Tab) -> None:
    """Into every room by the menu."""
    for room in PAGES:
        if not (ROOT / room.file).exists():
            continue
        if room.label not in tab.page.title():
            tab.go(room.label)
        tab.page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
        tab.page.wait_for_load_state("networkidle")
        assert tab.page.get_by_test_id("stException").count() == 0, room.key
        hover(tab.page, "body")
        unharmed(tab.page)
        through_tabs(tab)


@pytest.fixture
def struck(tab: Tab) -> Iterator[Tab]:
    """A tab in which no dialog may open."""
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    tab.page.on("dialog", note)
    yield tab
    tab.page.remove_listener("dialog", note)
    assert dialogs == []
    assert tab.strangers == []


def test_a_hostile_file_is_inert_everywhere(struck: Tab) -> None:
    page = struck.page
    struck.open("data", models="wide,deepfm")
    page.get_by_test_id("stMain").get_by_text("Your own file", exact=True).first.click()
    struck.rest()
    page.locator("input[type=file]").set_input_files(
        {"name": "<img src=x onerror=alert(1)>.csv", "mimeType": "text/csv", "buffer": log()}
    )
    expect(struck.button(re.compile("Use this log"))).to_be_enabled(timeout=PATIENCE_MS)
    unharmed(page)
    struck.press(re.compile("Use this log"))
    struck.sees("is in use. Its rows")
    struck.rest()  # the menu's links hold the log by then
    unharmed(page)
    struck.go("Start")
    struck.press(re.compile(r"Train two models"))
    expect(struck.button("Retrain with a new seed")).to_be_visible(timeout=PATIENCE_MS)
    look_everywhere(struck)


def test_a_hostile_link_is_inert_everywhere(struck: Tab) -> None:
    """Whoever makes a link chooses names of models and crosses, and the lesson's text."""
    own = PRESETS["wide"].model
    state = State(
        models=tuple(own.model_copy(update={"name": attack[:60]}) for attack in ATTACKS[:6]),
        crosses=tuple(
            CrossEntry(text=f"installed x app & country={n}", name=attack[:60])
            for n, attack in enumerate(ATTACKS)
        ),
        lesson="\n\n".join(ATTACKS),
        query=QueryChoice(user=ATTACKS[0], values=(("country", ATTACKS[1]),)),
        controls=(("train.notes", {"0" * 20: ATTACKS[0]}), ("compare.metric", ATTACKS[5])),
        hide=(ATTACKS[0],),
    )
    struck.open("", **encode(state))
    # A lesson may hold links of its author's: to open them is up to who reads it.
    for room in PAGES:
        if (ROOT / room.file).exists():
            if room.label not in struck.page.title():
                struck.go(room.label)
            assert struck.page.get_by_test_id("stException").count() == 0, room.key
            ran_nothing(struck.page)
