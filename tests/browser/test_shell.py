"""The frame around every room: link, undo, hidden controls, lesson, keyboard."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import Locator, expect

from recsys_demo.ui.hideable import HIDEABLE
from tests.browser.conftest import OpenTab
from tests.making.driving import PATIENCE_MS, PHONE, Tab

pytestmark = pytest.mark.browser


def actions(tab: Tab) -> list[Locator]:
    """What can be pressed on this page that changes a choice."""
    pressed = [
        *tab.page.get_by_test_id("stMain")
        .get_by_role("button", name=re.compile("^(LR|FM)$"))
        .all(),
        *tab.page.get_by_test_id("stNumberInputStepUp").all(),
        tab.page.get_by_test_id("stSidebar").get_by_text("Projector"),
    ]
    return [button for button in pressed if button.is_visible() and button.is_enabled()]


def test_ten_random_actions_and_ten_undos_give_the_first_address(tab: Tab) -> None:
    chance = random.Random(7)
    tab.enter("train", seed="5")
    seen = [tab.url]
    for number in range(10):
        if number == 5:
            tab.go("Crosses")
            tab.go("Train")
            tab.button("Play").wait_for()
            tab.page.wait_for_function(f"location.href === {seen[-1]!r}")
            tab.rest()
        chance.choice(actions(tab)).click()
        tab.page.wait_for_function(f"location.href !== {seen[-1]!r}")
        tab.rest()
        seen.append(tab.url)
    # By keyboard and by button; each undo is one step back through the same addresses.
    for number, address in enumerate(reversed(seen[:-1])):
        if number % 2:
            tab.page.keyboard.press("Control+z")
        else:
            tab.button("Undo").click()
        tab.page.wait_for_function(f"location.href === {address!r}")
        tab.rest()
    expect(tab.button("Undo")).to_be_disabled()
    tab.page.keyboard.press("Control+Shift+z")
    tab.page.wait_for_function(f"location.href === {seen[1]!r}")


def test_ctrl_z_in_a_text_is_the_texts_own(tab: Tab) -> None:
    tab.enter("train", seed="6")
    tab.page.get_by_test_id("stMain").get_by_role("button", name="LR", exact=True).click()
    tab.page.wait_for_url(re.compile("models=lr"))
    tab.rest()
    box = tab.page.get_by_role("spinbutton", name="Seed", exact=True)
    box.fill("123")
    tab.page.keyboard.press("Control+z")
    expect(box).not_to_have_value("123")
    tab.rest()
    assert "models=lr" in tab.url
    tab.page.get_by_role("heading", name="Train and watch").click()
    tab.page.keyboard.press("Control+z")
    tab.page.wait_for_function("!location.href.includes('models=lr')")


@pytest.mark.parametrize("leave", ["Escape", "Control+z, Escape", "Close"])
def test_what_is_written_for_a_lesson_is_never_lost(tab: Tab, leave: str) -> None:
    tab.enter("train", seed="6", lesson="Before.")
    dialog = tab.page.get_by_test_id("stDialog")
    text = dialog.get_by_role("textbox", name=re.compile("What to try"))
    link = dialog.get_by_test_id("stCode")

    def begin() -> None:
        tab.button("Share this state").click()
        tab.button("Make a lesson of it").click()
        expect(link).to_be_visible(timeout=PATIENCE_MS)
        tab.rest()

    begin()
    text.fill("Find the exceptions.")
    text.press("End")
    tab.page.keyboard.type("!")
    expect(link).to_be_hidden()  # it does not say yet what is written
    if leave == "Close":
        dialog.get_by_role("button", name="Close").click()
    else:
        for key in leave.split(", "):
            tab.page.keyboard.press(key)
    expect(dialog).to_have_count(0)
    tab.rest()
    assert "seed=6" in tab.url
    begin()
    expect(text).to_have_value(re.compile(r"^Find the exceptions\.!?$"))
    expect(link).to_contain_text("lesson=Find")


def test_the_box_of_a_lesson_lies_below_the_heading(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.enter("train", lesson="Try it.")
    heading = tab.page.get_by_role("heading", name="Train and watch").bounding_box()
    box = tab.page.get_by_text("Try it.").bounding_box()
    header = tab.page.get_by_test_id("stHeader").bounding_box()
    assert heading is not None
    assert box is not None
    assert header is not None
    assert box["y"] > max(heading["y"] + heading["height"], header["y"] + header["height"])


@pytest.mark.parametrize("room", ["", "train"])
def test_a_deep_link_asks_for_nothing_that_is_not_there(tab: Tab, room: str) -> None:
    missing: list[str] = []
    tab.page.on("response", lambda got: missing.append(got.url) if got.status >= 400 else None)
    tab.open(room, seed="6")
    assert missing == []


def test_a_tab_follows_what_another_one_with_its_link_has_begun(open_tab: OpenTab) -> None:
    first, second = open_tab(), open_tab()
    for tab in (first, second):
        tab.enter("start", seed="77", models="lr")
    first.press("Train one model")
    expect(second.page.get_by_text("not yet")).to_have_count(0, timeout=PATIENCE_MS)


def test_reset_keeps_the_seed_and_the_lesson(tab: Tab) -> None:
    tab.enter("train", seed="9", models="lr", lesson="Try it", hide="budget")
    tab.press("Reset")
    tab.page.wait_for_function("!location.href.includes('models')")
    assert "seed=9" in tab.url
    assert "lesson=Try" in tab.url
    assert "hide=budget" in tab.url


def test_hidden_controls_are_not_on_the_page(tab: Tab) -> None:
    tab.enter("train")
    named = ["Play", "Settings", "Undo", "Share this state", "Stopping"]
    for name in named:
        expect(tab.button(name)).to_be_visible()
    expect(tab.page.get_by_role("spinbutton", name="Seed", exact=True)).to_be_visible()
    tab.enter("train", hide=",".join(HIDEABLE))
    for name in named:
        expect(tab.button(name)).to_have_count(0)
    expect(tab.page.get_by_role("spinbutton")).to_have_count(0)
    expect(tab.page.get_by_text("Projector")).to_have_count(0)


def test_a_lesson_is_text_that_does_nothing(tab: Tab) -> None:
    lesson = (
        "**Try** this\n\n<img src=x onerror=alert(1)><script>alert(2)</script>"
        "![](http://example.org/a.png) [go](javascript:alert(3))"
    )
    dialogs: list[str] = []
    tab.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    tab.enter("train", lesson=lesson)
    tab.sees("Try")
    box = tab.page.get_by_test_id("stMain")
    assert box.locator("img[src='x'], img[src*='example.org'], script").count() == 0
    for link in box.get_by_role("link", name="go").all():
        assert "javascript" not in (link.get_attribute("href") or "")
    assert dialogs == []
    assert tab.strangers == []


def test_the_lesson_dialog_makes_the_link_it_shows(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.enter("train", seed="6")
    tab.button("Share this state").click()
    popover = tab.page.get_by_test_id("stPopoverBody")
    expect(popover).to_be_visible()
    tab.button("Make a lesson of it").click()
    dialog = tab.page.get_by_test_id("stDialog")
    expect(dialog).to_be_visible()
    expect(popover).to_have_count(0)  # it would lie on the dialog
    text = dialog.get_by_role("textbox", name=re.compile("What to try"))
    text.fill("Find the exceptions.")
    text.press("Control+Enter")
    code = dialog.get_by_test_id("stCode")
    expect(code).to_contain_text("lesson=Find", timeout=PATIENCE_MS)
    tab.rest()
    # A dialog that is drawn again closes an open box of choices: what is typed opens it again.
    box = dialog.get_by_role("combobox").first
    box.fill("play, pause")
    tab.page.get_by_role("option", name=re.compile("^Train: play, pause")).wait_for()
    box.press("Enter")
    expect(code).to_contain_text("hide=toolbar", timeout=PATIENCE_MS)
    student = open_tab()
    student.page.goto(re.sub(r"\s", "", code.inner_text()))
    student.sees("Find the exceptions.")
    student.rest()
    expect(student.button("Play")).to_have_count(0)
    assert "seed=6" in student.url


@pytest.mark.parametrize(
    "parameters",
    [{"s": "A" * 15_000}, {"models": "transformer", "seed": "-3"}],
    ids=["damaged", "unknown"],
)
def test_a_bad_link_gives_a_message_and_the_defaults(tab: Tab, parameters: dict[str, str]) -> None:
    tab.enter("train", **parameters)
    tab.sees(re.compile("^This link"))
    expect(tab.button("Play")).to_be_visible()
    tab.page.reload()
    tab.rest()
    tab.sees_not(re.compile("^This link"))  # the address was put right


def test_the_first_room_can_be_opened_by_its_name_too(tab: Tab) -> None:
    tab.open("start", seed="5")
    tab.sees("Who memorized, who generalized?")
    tab.sees_not(re.compile("not found"))
    assert tab.url == f"{tab.address}/?seed=5"


def test_everything_is_reached_by_keyboard(tab: Tab) -> None:
    """Tab goes through the menu and the controls; the focus can be seen; a key presses a button."""
    tab.enter("train")
    reached: list[str] = []
    for _ in range(60):
        tab.page.keyboard.press("Tab")
        told = tab.page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.innerText || e.getAttribute('aria-label') || e.tagName,"
            " s.outlineStyle !== 'none' || s.boxShadow !== 'none' || s.borderColor]; }"
        )
        assert told[1], f"no focus to be seen on {told[0]}"
        reached.append(told[0])
    text = " ".join(reached)
    for name in ("Data", "Reset", "Share this state", "Wide", "Seed", "Stopping", "Play", "Step"):
        assert name in text, name


def test_the_phone_finds_the_menu_and_plays(open_tab: OpenTab) -> None:
    tab = open_tab(PHONE)
    tab.enter("train")
    tab.page.get_by_test_id("stExpandSidebarButton").click()
    tab.page.get_by_test_id("stSidebar").get_by_role("link", name="Start").click()
    tab.sees(re.compile("Who memorized"))
    assert not tab.overflows()
