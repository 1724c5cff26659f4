"""The Embeddings room: from nothing trained to points marked on two maps at once, and thousands of
real apps explored."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from playwright.sync_api import Locator, expect

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import FrappeSpec, SampleSpec
from recsys_demo.ui.state import State, encode
from tests.making.driving import PATIENCE_MS, Tab
from tests.making.frappe import FRAPPE, needs_frappe

pytestmark = pytest.mark.browser
APPS = 60
SMALL = State(
    data=SampleSpec(world=WorldConfig(users=400, apps=APPS, impressions=8_000, exceptions=20)),
    models=("deep", "deepfm"),
    training=TrainingConfig(epochs=2),
)
REAL = State(
    data=FrappeSpec(folder=str(FRAPPE)),
    models=("deep", "deepfm"),
    training=TrainingConfig(epochs=1),
)
MARKED = re.compile(rf"^\d+ of {APPS} values marked")


def maps(tab: Tab) -> Locator:
    return tab.page.get_by_role("figure", name=re.compile(r"map of \d+ values"))


def trained(tab: Tab, state: State = SMALL) -> None:
    """Two models' maps side by side, trained if nobody has yet."""
    tab.open("embeddings", **encode(state.with_control("embeddings", {"view": "more"})))
    begin = tab.button("Train the models with embeddings")
    expect(begin.or_(maps(tab).first).first).to_be_visible(timeout=PATIENCE_MS)
    if begin.is_visible():
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


def test_points_are_marked_and_maps_drawn_by_a_worker(tab: Tab) -> None:
    trained(tab)
    marks_the_same_points_on_both(tab)
    stays_usable_while_a_worker_draws(tab)
    draws_umap_by_a_worker(tab)


def marks_the_same_points_on_both(tab: Tab) -> None:
    """A box on one map."""
    tab.sees("Nothing is marked.")
    first = maps(tab).first
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


def stays_usable_while_a_worker_draws(tab: Tab) -> None:
    tab.page.get_by_role("radio", name="t-SNE").click()
    tab.rest()  # the page, not the worker
    tab.page.get_by_role("textbox", name="Search").fill("a")
    tab.page.get_by_role("textbox", name="Search").press("Enter")
    tab.sees(MARKED)
    drawn = tab.page.get_by_role("figure", name=re.compile("^t-SNE map of"))
    expect(drawn).to_have_count(2, timeout=PATIENCE_MS)
    tab.sees(MARKED)
    tab.page.reload()
    expect(drawn).to_have_count(2, timeout=PATIENCE_MS)
    tab.page.get_by_role("textbox", name="Search").fill("")
    tab.page.get_by_role("textbox", name="Search").press("Enter")
    tab.sees("Nothing is marked.")


def draws_umap_by_a_worker(tab: Tab) -> None:
    chosen = tab.page.get_by_test_id("stMultiSelect").first
    chosen.get_by_role("button", name=re.compile("Remove")).last.click()
    expect(maps(tab)).to_have_count(1, timeout=PATIENCE_MS)
    tab.page.get_by_role("radio", name="UMAP").click()
    tab.sees("PCA is shown meanwhile")
    expect(maps(tab)).to_have_count(1)
    drawn = tab.page.get_by_role("figure", name=re.compile(f"^UMAP map of {APPS} values"))
    # UMAP compiles itself where nobody has used it yet.
    expect(drawn).to_have_count(1, timeout=2 * PATIENCE_MS)
    tab.rest()
    tab.sees_not("PCA is shown meanwhile")
    assert len(colors(tab, 0)) == APPS


def colors(tab: Tab, number: int) -> dict[str, str]:
    """What a map says of each of its points: value -> color in words."""
    pairs: list[list[str]] = (
        maps(tab)
        .nth(number)
        .evaluate(
            "figure => figure.querySelector('.js-plotly-plot')._fullData"
            ".flatMap(trace => (trace.customdata ?? []).map(known => [known[0], known[2]]))"
        )
    )
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def legend(tab: Tab) -> Locator:
    """The entries of the first map's legend."""
    return maps(tab).first.locator(".legend .legendtext")


def choose_color(tab: Tab, name: str) -> None:
    """Color the maps by this."""
    tab.rest()
    tab.page.get_by_role("combobox", name=re.compile("Color")).click()
    tab.page.get_by_role("option", name=name, exact=True).click()
    tab.rest()


@needs_frappe
def test_apps_of_frappe_are_explored_by_category_and_price(tab: Tab) -> None:
    apps = pd.read_csv(FRAPPE / "apps.csv", dtype=str).set_index("item")
    trained(tab, REAL)
    # Thirty-two categories are more than colors can tell apart: the rest is one, and said to be.
    expect(legend(tab).last).to_have_text("other (18 more)", timeout=PATIENCE_MS)
    by_category = colors(tab, 0)
    assert len(by_category) > 3_900
    assert by_category == apps["category"].loc[list(by_category)].to_dict()

    choose_color(tab, "price")
    expect(legend(tab)).to_have_text(["Free", "Paid", "Unknown"], timeout=PATIENCE_MS)
    by_price = colors(tab, 0)
    assert by_price == apps["price"].loc[list(by_category)].to_dict()

    tab.page.get_by_role("textbox", name="Search").fill("paid")
    tab.page.get_by_role("textbox", name="Search").press("Enter")
    paid = list(by_price.values()).count("Paid")
    tab.sees(f"{paid} of {len(by_price):,} values marked")
    tab.rest()
    assert [rings(tab, 0), rings(tab, 1)] == [paid, paid]
