"""Back and Forward, and Ctrl+Z: each undoes a choice, leaves the page, or is the text's own."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.making.driving import PATIENCE_MS, Tab

pytestmark = pytest.mark.browser


def seed_is(tab: Tab, value: str) -> None:
    box = tab.page.get_by_role("spinbutton", name="Seed", exact=True)
    expect(box).to_have_value(value, timeout=PATIENCE_MS)
    tab.rest()


# Typed and taken, or typed while the page was drawn again, which keeps what it had. Entering the
# same number twice would run the page twice, and the second run may race with what comes next.
TAKEN_OR_LOST = """value => location.href.includes(`seed=${value}`)
    || document.querySelector('input[aria-label="Seed"]')?.value !== value"""


def set_seed(tab: Tab, value: str) -> None:
    box = tab.page.get_by_role("spinbutton", name="Seed", exact=True)
    for _ in range(3):
        box.fill(value)
        box.press("Enter")
        tab.page.wait_for_function(TAKEN_OR_LOST, arg=value)
        if f"seed={value}" in tab.url:
            break
    tab.rest()


@pytest.mark.parametrize("link", [{}, {"seed": "3", "models": "wide"}])
def test_back_undoes_each_choice_and_then_leaves(tab: Tab, link: dict[str, str]) -> None:
    tab.page.goto(f"{tab.address}/_stcore/health")
    tab.enter("train", **link)
    first = link.get("seed", "0")
    for value in ("7", "8"):
        set_seed(tab, value)
    for value in ("7", first):
        tab.page.go_back()
        seed_is(tab, value)
    expect(tab.button("Undo")).to_be_disabled()
    tab.page.go_forward()
    seed_is(tab, "7")
    tab.page.go_back()
    seed_is(tab, first)
    tab.page.go_back()
    assert tab.url.endswith("health")


def test_back_goes_through_rooms_with_no_step_that_does_nothing(tab: Tab) -> None:
    tab.enter("train", seed="3", models="wide")
    undo_by_button_is_a_step_that_back_undoes(tab)
    set_seed(tab, "7")
    tab.go("Data")
    tab.sees("Know the log")
    tab.go("Train")
    seed_is(tab, "7")
    set_seed(tab, "8")
    tab.page.go_back()
    seed_is(tab, "7")
    tab.page.go_back()
    tab.sees("Know the log")
    tab.page.go_back()
    seed_is(tab, "7")
    tab.page.go_back()
    seed_is(tab, "3")
    tab.page.go_forward()
    seed_is(tab, "7")
    tab.page.go_forward()
    tab.sees("Know the log")


def undo_by_button_is_a_step_that_back_undoes(tab: Tab) -> None:
    """From seed 3, and back to it."""
    set_seed(tab, "7")
    tab.button("Undo").click()
    seed_is(tab, "3")
    tab.page.go_back()
    seed_is(tab, "7")
    tab.page.go_back()
    seed_is(tab, "3")
