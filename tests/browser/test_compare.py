"""The Compare room in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab
from tests.making.driving import LAPTOP, PATIENCE_MS, Tab

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("four_trained")]
MAP = ".st-key-compare\\.map, [class*='st-key-compare-map']"


def compare(tab: Tab, **parameters: str) -> Tab:
    """The room with the four presets trained."""
    tab.open("compare", **parameters)
    tab.sees("When one is called better")
    for name in ("Wide", "Deep", "Wide & Deep", "DeepFM"):
        dot = the_map(tab).locator(".textpoint").get_by_text(name, exact=True)
        expect(dot.first).to_be_visible()
    tab.rest()
    return tab


def the_map(tab: Tab) -> Locator:
    return tab.page.locator(".js-plotly-plot").first


def bottom(place: Locator) -> float:
    box = place.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def test_the_room_is_read_clicked_taken_away_and_found_by_its_link(
    tab: Tab, open_tab: OpenTab, tmp_path: Path
) -> None:
    compare(tab)
    finding_map_and_differences_are_there_without_scrolling(tab)
    a_click_on_a_dot_opens_its_run(tab)
    chart_and_numbers_can_be_taken_away(tab, tmp_path)
    a_link_opens_the_same_section(tab, open_tab)


def finding_map_and_differences_are_there_without_scrolling(tab: Tab) -> None:
    expect(the_map(tab).locator(".points path").first).to_be_visible()
    told = tab.page.locator(".st-key-finding")
    expect(told).to_contain_text("which model is best cannot be said yet")  # one training each
    between = tab.page.locator(".st-key-compare-differences .js-plotly-plot")
    expect(between.locator(".annotation-text")).to_have_count(3)
    for place in (told, the_map(tab), between):
        assert bottom(place) <= LAPTOP[1]
    names = {
        name.strip("\u2002\u200b")
        for name in the_map(tab).locator(".textpoint").all_text_contents()
    }
    assert {"Wide", "Deep", "Wide & Deep", "DeepFM", "the truth"} <= names


def a_click_on_a_dot_opens_its_run(tab: Tab) -> None:
    first = the_map(tab).locator(".trace:has(.textpoint) .points path").first
    box = first.bounding_box()
    assert box is not None
    tab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_be_visible(timeout=PATIENCE_MS)
    expect(dialog.get_by_text("Test AUC on every slice")).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def chart_and_numbers_can_be_taken_away(tab: Tab, tmp_path: Path) -> None:
    tab.rest()
    the_map(tab).hover()
    with tab.page.expect_download() as picture:
        the_map(tab).locator(".modebar-btn").first.click()
    picture.value.save_as(tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG"
    tab.page.get_by_role("button", name="Numbers and files").first.click()
    for name, start in (("Numbers (CSV)", b"slice,model"), ("Chart (HTML)", b"<!doctype html>")):
        with tab.page.expect_download() as taken:
            tab.page.get_by_role("button", name=name).first.click()
        taken.value.save_as(tmp_path / "taken")
        content = (tmp_path / "taken").read_bytes()
        assert content.startswith(start)
        assert b"<script src" not in content  # it opens without a network
    tab.page.keyboard.press("Escape")


def a_link_opens_the_same_section(tab: Tab, open_tab: OpenTab) -> None:
    """In a fresh profile."""
    tab.page.get_by_test_id("stMain").get_by_text("Slices", exact=True).click()
    tab.page.get_by_test_id("stMain").get_by_text("All slices", exact=True).click()
    tab.sees("A slice of your own")
    tab.rest()
    tab.page.get_by_text("As a table", exact=True).click()
    table = tab.page.get_by_test_id("stTable").inner_text()
    address = tab.page.url
    other = open_tab()
    other.page.goto(address)
    other.sees("A slice of your own")
    other.rest()
    other.page.get_by_text("As a table", exact=True).click()
    assert other.page.get_by_test_id("stTable").inner_text() == table
