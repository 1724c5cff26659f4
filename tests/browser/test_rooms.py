"""Every room by its own link: whole in two sizes, accessible in light and dark, legible from the
back row.

`LAB_PICTURES=folder` keeps the screenshots for a person to look at.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Response, expect

from recsys_demo.ui.rooms import PAGES, Page
from recsys_demo.ui.state import State, encode
from tests.making.accessibility import COLOR_RULES, violations
from tests.making.apptesting import with_ablation
from tests.making.driving import LAPTOP, PHONE, Tab
from tests.making.layout import LOW, PROJECTOR, PROJECTOR_HEAD, SIZES, first_screen, flaws
from tests.making.legibility import odd_numbers, unreadable

# The rooms are looked at as they are once the four models are trained.
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("four_trained")]
# Ablate shows what four trained models let it show without training.
LINKS = {"ablate": encode(with_ablation(State(), experiment="off"))}
# Whose maps are as high as a low window lets them.
LOW_ENOUGH = ("start", "train")
# An A4 page on its side less margins of 10 mm, at 96 pixels per inch.
PAPER_PIXELS = (297 - 20) / 25.4 * 96
ENDS_OF_LISTS = """() => Object.fromEntries(
  [...document.querySelectorAll('.st-key-recommend_lists text')]
    .filter(e => /^(Wide|Deep|Wide & Deep|DeepFM)$/.test(e.textContent))
    .map(e => [e.textContent, e.getBoundingClientRect().right]))"""
SMALL_LETTERS = """() => {
  const small = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    const box = element.getBoundingClientRect(), look = getComputedStyle(element);
    if (!text || box.width < 2 || box.height < 2 || look.visibility === 'hidden') continue;
    if (element.closest('.katex, script, style')) continue;  // indices of a formula are smaller
    if (parseFloat(look.fontSize) < 18) small.push(text.slice(0, 40));
  }
  return small;
}"""


@pytest.mark.parametrize("room", PAGES, ids=lambda room: room.key)
def test_a_deep_link_shows_the_whole_room(tab: Tab, room: Page) -> None:
    missing: list[str] = []

    def note(got: Response) -> None:
        if got.status >= 400:
            missing.append(got.url)

    tab.page.on("response", note)
    tab.enter(room.key, **LINKS.get(room.key, {}))
    tab.page.remove_listener("response", note)
    assert missing == []
    assert room.label in tab.page.title()
    if room.needs_data:
        tab.page.get_by_test_id("stMain").locator("svg.main-svg").first.wait_for()
        assert first_screen(tab.page) == []
    keep_pictures(tab, room)
    assert violations(tab) == []
    assert unreadable(tab.page) == []
    tab.page.emulate_media(color_scheme="dark")
    assert violations(tab, *COLOR_RULES) == []
    assert unreadable(tab.page) == []
    assert odd_numbers(tab.page) == []
    found = {}
    for size in SIZES:
        found[size] = flaws(tab.page, size)
        assert not tab.overflows(), size
        assert size != LOW or room.key not in LOW_ENOUGH or first_screen(tab.page) == []
    assert not any(found.values()), found
    is_legible_from_the_back_row(tab)
    assert room.key not in LOW_ENOUGH or first_screen(tab.page, PROJECTOR_HEAD) == []


def is_legible_from_the_back_row(tab: Tab) -> None:
    """With the projector on, which stays on."""
    tab.page.set_viewport_size({"width": PROJECTOR[0], "height": PROJECTOR[1]})
    tab.page.get_by_test_id("stSidebar").get_by_text("Projector").click()
    tab.page.wait_for_url(re.compile("projector=1"))
    expect(tab.page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    tab.rest()
    assert flaws(tab.page, PROJECTOR) == []
    assert tab.page.evaluate(SMALL_LETTERS) == []


def keep_pictures(tab: Tab, room: Page) -> None:
    folder = os.environ.get("LAB_PICTURES")
    schemes: tuple[Literal["light", "dark"], ...] = ("dark", "light")
    for size, name in ((PHONE, "phone"), (LAPTOP, "laptop")) if folder else ():
        tab.page.set_viewport_size({"width": size[0], "height": size[1]})
        for scheme in schemes:
            tab.page.emulate_media(color_scheme=scheme)
            tab.picture(Path(str(folder)) / f"{room.key}-{name}-{scheme}.png")


def test_paper_holds_all_lists_and_no_menu(tab: Tab) -> None:
    tab.enter("recommend")
    lists = tab.page.locator(".st-key-recommend_lists svg.main-svg").first
    lists.wait_for()
    tab.page.emulate_media(media="print")
    expect(tab.page.get_by_test_id("stSidebar")).to_be_hidden()
    ends = tab.page.evaluate(ENDS_OF_LISTS)
    assert set(ends) == {"Wide", "Deep", "Wide & Deep", "DeepFM"}
    assert max(ends.values()) < PAPER_PIXELS
