"""The Embeddings room: from nothing trained to points marked on two maps at once."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from recsys_demo.configuration import TrainingConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.data.world_config import WorldConfig
from recsys_demo.ui.state import State, encode
from tests.browser.driving import PATIENCE_MS, Tab

pytestmark = pytest.mark.browser
APPS = 60
SMALL = State(
    data=SampleSpec(world=WorldConfig(users=400, apps=APPS, impressions=8_000, exceptions=20)),
    models=("deep", "deepfm"),
    training=TrainingConfig(epochs=2),
)
MARKED = re.compile(rf"^\d+ of {APPS} values marked")


def maps(tab: Tab) -> Locator:
    return tab.page.get_by_role("figure", name=re.compile(r"map of \d+ values"))


def trained(tab: Tab) -> None:
    """Two models' maps side by side, trained if nobody has yet."""
    tab.open("embeddings", **encode(SMALL))
    begin = tab.button("Train the models with embeddings")
    if begin.count():
        begin.click()
    expect(maps(tab)).to_have_count(2, timeout=PATIENCE_MS)
    tab.rest()


def rings(tab: Tab, number: int) -> int:
    """How many points of a map are drawn as marked (Plotly's own data, numbers unpacked)."""
    shown: int = (
        maps(tab)
        .nth(number)
        .evaluate(
            "figure => figure.querySelector('.js-plotly-plot')._fullData"
            ".filter(trace => trace.name === 'selected')"
            ".reduce((points, trace) => points + trace.x.length, 0)"
        )
    )
    return shown


def test_a_box_on_one_map_marks_the_same_points_on_both(tab: Tab) -> None:
    trained(tab)
    tab.sees("Nothing is marked.")
    first = maps(tab).first
    first.scroll_into_view_if_needed()
    first.hover()
    first.get_by_role("button", name="Box Select").click()
    box = first.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    tab.page.mouse.move(box["x"] + 8, box["y"] + 8)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.7, steps=8)
    tab.page.mouse.up()
    tab.sees(MARKED)
    tab.rest()
    count = int(tab.page.get_by_text(MARKED).first.inner_text().split()[0])
    assert 0 < count <= APPS
    assert [rings(tab, 0), rings(tab, 1)] == [count, count]
    tab.press("Unmark")
    tab.sees("Nothing is marked.")


def test_the_page_stays_usable_while_a_worker_draws(tab: Tab) -> None:
    trained(tab)
    tab.page.get_by_role("radio", name="t-SNE").click()
    tab.page.get_by_role("textbox", name="Search").fill("a")
    tab.page.get_by_role("textbox", name="Search").press("Enter")
    tab.sees(MARKED)
    drawn = tab.page.get_by_role("figure", name=re.compile("^t-SNE map of"))
    expect(drawn).to_have_count(2, timeout=PATIENCE_MS)
    tab.sees(MARKED)
    tab.page.reload()
    expect(drawn).to_have_count(2, timeout=PATIENCE_MS)
