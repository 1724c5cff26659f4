"""A practitioner's log, whose ids are digits and dates, stays as it is written in every room."""

from __future__ import annotations

import csv
import io
import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.making.driving import PATIENCE_MS, Tab, pick

pytestmark = pytest.mark.browser
ITEMS = ["007", "07", "17", "1e5", "1001", "0134", "2024", "3", "12", "900"]


def log() -> bytes:
    """Every item with another number of rows, so that the most frequent come in this order."""
    chance = random.Random(1)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["user", "item", "campaign", "day", "tags", "label"])
    for place, item in enumerate(ITEMS):
        for _ in range(400 - 30 * place):
            user, day = chance.randrange(1000, 1060), chance.randrange(1, 10)
            taken = chance.random() < (0.8 if (user + place) % 3 == 0 else 0.2)
            tags = "|".join(str(tag) for tag in sorted({user % 7, 7 + user % 5}))
            campaign = f"{user % 20:02}"
            writer.writerow([user, item, campaign, f"2024-01-0{day}", tags, int(taken)])
    return file.getvalue().encode()


def ticks(chart: Locator, axis: str) -> list[str]:
    """What stands at an axis, from the left or from the top."""
    names = chart.locator(f".{axis}tick text")
    expect(names.first).to_be_visible(timeout=PATIENCE_MS)
    found: list[list[str | float]] = names.evaluate_all(
        "all => all.map(e => [e.textContent, e.getBoundingClientRect()])"
        f".map(([name, box]) => [box.{axis}, name]).sort((a, b) => a[0] - b[0])"
    )
    return [str(name) for _, name in found]


def chart(tab: Tab, key: str) -> Locator:
    return tab.page.locator(f".st-key-{key.replace('.', '-')}").first


def test_ids_stay_text_in_every_room(tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "ids.csv"
    file.write_bytes(log())
    tab.open("data", models="wide,deepfm")
    tab.page.get_by_role("radio", name="Your own file").click()
    tab.sees("Choose a file.")
    tab.rest()
    tab.page.locator("input[type=file]").set_input_files(file)
    tab.sees("What will happen")
    tab.press("Use this log")
    tab.page.get_by_role("tab", name="Fields").click()
    pick(tab, "Install rate by", "item")
    expect(chart(tab, "data.rates").get_by_text("007", exact=True)).to_be_visible()
    assert ticks(chart(tab, "data.rates"), "y") == ITEMS

    tab.go("Start")
    tab.press(re.compile("Train two models"))
    expect(tab.button("Retrain with a new seed")).to_be_visible(timeout=PATIENCE_MS)

    tab.go("Recommend")
    lists = chart(tab, "recommend.lists").locator(".annotation-text")
    expect(lists.first).to_be_visible(timeout=PATIENCE_MS)
    written = " ".join(lists.all_text_contents())
    assert all(re.search(rf"\d\s+{item}", written) for item in ITEMS), written

    tab.go("Compare")
    buckets = ["never", "1", "2 to 4", "5 to 9", "10 to 19", "20+"]
    assert ticks(chart(tab, "compare.support.auc"), "x") == buckets
    tab.page.get_by_test_id("stMain").get_by_text("All slices", exact=True).first.click()
    tab.rest()
    condition = tab.page.get_by_role("textbox", name="Condition")
    condition.fill("item=007")
    condition.press("Enter")
    expect(chart(tab, "compare.slices").get_by_text("item = 007")).to_be_visible()

    tab.go("Embeddings")
    tab.page.get_by_role("radio", name="More maps and measures").click()
    pick(tab, "Whose vectors", "user")
    pick(tab, "Color", "campaign")
    maps = tab.page.get_by_test_id("stPlotlyChart").first
    expect(maps.locator(".legendtext").first).to_have_text("00", timeout=PATIENCE_MS)
    expect(maps.locator(".colorbar")).to_have_count(0)
    tab.page.get_by_role("textbox", name="Search").fill("1001")
    tab.page.get_by_role("textbox", name="Search").press("Enter")
    cells = tab.page.get_by_test_id("stDataFrame").locator("[role=gridcell]")
    expect(cells.first).to_have_text("1001", timeout=PATIENCE_MS)
