"""The Recommend room as a person uses it: somebody built from nothing, the penguin, the funnel."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab
from tests.making.driving import PATIENCE_MS, PHONE, Tab

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("four_trained")]
MODELS = ("Wide", "Deep", "Wide & Deep", "DeepFM")
MOVED = re.compile(r"▲|▼|new")


def lists(tab: Tab) -> Locator:
    """The chart of the lists."""
    return tab.page.locator(".st-key-recommend_lists .js-plotly-plot")


def edited(tab: Tab) -> Locator:
    """Where apps are installed and taken away: behind *Edit*."""
    tab.press(re.compile("^Edit"))
    installed = tab.page.get_by_test_id("stMultiSelect").locator("input")
    expect(installed).to_be_visible()
    return installed


def texts(tab: Tab) -> list[str]:
    """Everything written in it: titles and places, list by list."""
    tab.rest()
    return lists(tab).locator(".annotation-text").all_text_contents()


def trained(tab: Tab) -> None:
    """The room with all four lists."""
    tab.open("recommend")
    for name in MODELS:
        title = lists(tab).locator(".annotation-text").get_by_text(name, exact=True)
        expect(title.last).to_be_visible()
    tab.rest()
    expect(lists(tab)).to_have_count(1)


def test_somebody_built_from_nothing_moves_all_four_lists(tab: Tab) -> None:
    trained(tab)
    tab.press("Brand-new person")
    tab.sees("nothing is known")
    before = texts(tab)
    installed = edited(tab)
    installed.fill("Penguin Post")
    installed.press("Enter")
    expect(lists(tab).locator(".annotation-text").filter(has_text=MOVED).first).to_be_visible(
        timeout=PATIENCE_MS
    )
    after = texts(tab)
    assert len(after) == len(before)
    places = len(before) // 4
    for number in range(4):
        own = slice(number * places, (number + 1) * places)
        assert before[own] != after[own]
        assert any(MOVED.search(text) for text in after[own])
    tab.sees("not listed before your last change")


def test_nothing_jumps_when_an_app_is_added(tab: Tab) -> None:
    trained(tab)
    # The room begins with the first penguin; the button would show the next one.
    tab.sees(re.compile("birds can fly, penguins cannot"))
    tab.rest()
    marks = [lists(tab), tab.page.get_by_test_id("stMain").get_by_text("All numbers")]
    before = [mark.first.bounding_box() for mark in marks]
    installed = edited(tab)
    installed.fill("Water Me Daily")  # first in most lists, and they do not have it yet
    installed.press("Enter")
    tab.sees(re.compile("^Left the list|^No list has changed"))
    tab.rest()
    assert [mark.first.bounding_box() for mark in marks] == before


def place(tab: Tab, number: int) -> int:
    """Where the app looked at stands in the whole list of this model."""
    told = tab.page.locator(".st-key-recommend_scores .annotation-text")
    found = told.filter(has_text="place").nth(number)
    return int((found.text_content() or "").rpartition(" ")[2].replace(",", ""))


def test_at_the_penguin_wide_and_deep_disagree_and_the_cross_says_why(tab: Tab) -> None:
    trained(tab)
    tab.press("Niche taste")
    # Not its first words: the tooltip of the button has them too, before the page is drawn again.
    tab.sees("popularity says little about them")
    tab.press("Penguin")
    tab.sees(re.compile("Planted: .*birds can fly, penguins cannot"))
    # Until the page is drawn again it tells of the person before.
    tab.sees(re.compile("First Flight was shown together with installed = Penguin Post"))
    tab.rest()
    wide, deep = (place(tab, MODELS.index(name)) for name in ("Wide", "Deep"))
    assert wide > 2 * deep
    tab.sees(re.compile(rf"at {wide}: Wide remembers Penguin Post × First Flight, \d+ rows"))
    cross = tab.page.locator(".st-key-recommend_why .annotation-text").filter(
        has_text=re.compile("Penguin Post × First Flight")
    )
    expect(cross.first).to_be_visible()


def test_a_click_on_a_place_chooses_its_app(tab: Tab) -> None:
    trained(tab)
    second = lists(tab).locator(".annotation-text").nth(2)
    written = re.match(r"2\s+(.*?)…?\s*\d+%", second.text_content() or "")
    assert written is not None
    box = second.bounding_box()
    assert box is not None
    tab.page.mouse.click(box["x"] + 4, box["y"] + 8)
    looked_at = tab.page.get_by_role("combobox", name="Look at")
    expect(looked_at).to_have_value(re.compile("^" + re.escape(written[1])), timeout=PATIENCE_MS)


def test_a_generator_switched_off_costs_the_ranker_a_good_app(tab: Tab) -> None:
    trained(tab)
    tab.page.get_by_text("Funnel", exact=True).click()
    recall = tab.page.get_by_test_id("stMetricValue")
    expect(recall).to_be_visible(timeout=PATIENCE_MS)
    before = float(recall.inner_text().strip("%"))
    tab.page.get_by_text("Taken together", exact=True).first.click()
    expect(recall).not_to_have_text(f"{before:.0f}%", timeout=PATIENCE_MS)
    assert float(recall.inner_text().strip("%")) < before
    tab.sees("The ranker never got to see")


def test_on_a_phone_two_lists_are_seen_and_the_page_is_short(open_tab: OpenTab) -> None:
    tab = open_tab(PHONE, "dark")
    trained(tab)
    assert not tab.overflows()
    frame = tab.page.locator(".st-key-recommend_lists")
    assert frame.evaluate("e => e.scrollWidth > e.clientWidth")
    width = lists(tab).bounding_box()
    assert width is not None
    assert width["width"] == pytest.approx(4 * PHONE[0] / 2, abs=2)
    block = tab.page.get_by_test_id("stMainBlockContainer")
    assert block.evaluate("e => e.scrollHeight") <= 2_200
