"""Every room by its own link: whole in two sizes, accessible in light and dark, legible from the
back row.

`LAB_PICTURES=folder` keeps the screenshots for a person to look at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from recsys_demo.ui.rooms import PAGES, Page
from tests.making.driving import LAPTOP, PATIENCE_MS, PHONE, Tab, new_tab
from tests.making.servers import Server

pytestmark = pytest.mark.browser
# Streamlit's own markup, which no page can change.
NOT_OURS = {
    "svg-img-alt",  # the sparkline of a metric
    "scrollable-region-focusable",  # a formula wider than its place
    "landmark-one-main",
    "region",
    "page-has-heading-one",
    "landmark-unique",
}
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


@pytest.fixture(scope="module", autouse=True)
def _trained(server: Server, browser: Browser) -> None:
    """The rooms are looked at as they are once the four models are trained."""
    tab = new_tab(browser, server.address)
    tab.enter("start")
    # What another test trained on this server is there already.
    begin, again = tab.button("Train four models"), tab.button("Again, with another seed")
    expect(begin.or_(again)).to_be_visible(timeout=PATIENCE_MS)
    if begin.is_visible() and begin.is_enabled():
        tab.press("Train four models")
    tab.sees("is best overall")
    tab.context.close()


@pytest.mark.parametrize("room", PAGES, ids=lambda room: room.key)
def test_a_deep_link_shows_the_whole_room(tab: Tab, room: Page) -> None:
    tab.enter(room.key)
    assert room.label in tab.page.title()
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for size, name in ((LAPTOP, "laptop"), (PHONE, "phone")):
        tab.page.set_viewport_size({"width": size[0], "height": size[1]})
        assert not tab.overflows(), name
        for scheme in schemes:
            tab.page.emulate_media(color_scheme=scheme)
            if folder := os.environ.get("LAB_PICTURES"):
                tab.picture(Path(folder) / f"{room.key}-{name}-{scheme}.png")
            if size == LAPTOP:
                assert violations(tab) == [], scheme


def violations(tab: Tab) -> list[tuple[str, list[str]]]:
    """What axe finds, without what Streamlit itself makes."""
    found = Axe().run(tab.page).response["violations"]
    ours = [v for v in found if v["id"] not in NOT_OURS]
    return [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in ours]


@pytest.mark.parametrize("room", PAGES, ids=lambda room: room.key)
def test_a_projector_shows_letters_of_18_pixels(tab: Tab, room: Page) -> None:
    tab.enter(room.key, projector="1")
    assert tab.page.evaluate(SMALL_LETTERS) == []
