"""The frame around every room: link, undo, hidden controls, lesson, keyboard."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, WebSocketRoute, expect

from recsys_demo.ui.rooms import PAGES
from tests.making.driving import LAPTOP, PATIENCE_MS, PHONE, Tab, new_tab

pytestmark = pytest.mark.browser
MENU = """() => [...document.querySelectorAll('[data-testid=stSidebar] a')].map(link => {
  const box = link.getBoundingClientRect();
  return [box.top, box.bottom];
})"""


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


def test_random_actions_and_as_many_undos_give_the_first_address(tab: Tab) -> None:
    chance = random.Random(7)
    tab.enter("train", seed="5")
    seen = [tab.url]
    for number in range(6):
        if number == 3:
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


def test_a_lesson_is_text_that_does_nothing_and_is_never_lost(tab: Tab) -> None:
    lesson = (
        "**Try** this\n\n<img src=x onerror=alert(1)><script>alert(2)</script>"
        "![](http://example.org/a.png) [go](javascript:alert(3))"
    )
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    tab.page.on("dialog", note)
    tab.enter("train", seed="6", lesson=lesson)
    tab.sees("Try")
    main = tab.page.get_by_test_id("stMain")
    assert main.locator("img[src='x'], img[src*='example.org'], script").count() == 0
    for link in main.get_by_role("link", name="go").all():
        assert "javascript" not in (link.get_attribute("href") or "")
    tab.page.remove_listener("dialog", note)
    assert dialogs == []
    assert tab.strangers == []
    heading = tab.page.get_by_role("heading", name="Train and watch").bounding_box()
    box = main.get_by_text("Try", exact=True).bounding_box()
    header = tab.page.get_by_test_id("stHeader").bounding_box()
    assert heading is not None
    assert box is not None
    assert header is not None
    assert box["y"] > max(heading["y"] + heading["height"], header["y"] + header["height"])
    what_is_written_for_a_lesson_is_never_lost(tab)


def what_is_written_for_a_lesson_is_never_lost(tab: Tab) -> None:
    dialog = tab.page.get_by_test_id("stDialog")
    text = dialog.get_by_role("textbox", name=re.compile("What to try"))
    link = dialog.get_by_test_id("stCode")

    def begin() -> None:
        tab.button("Share this state").click()
        tab.button("Make a lesson of it").click()
        expect(link).to_be_visible(timeout=PATIENCE_MS)
        tab.rest()

    begin()
    for leave in ("Escape", "Control+z, Escape", "Close"):
        text.fill(f"Before {leave}")
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
        expect(text).to_have_value(re.compile(rf"^Before {re.escape(leave)}!?$"))
        expect(link).to_contain_text("lesson=Before")


class Wire:
    """What the server sends to a page that is not open yet; it can be held back for a while."""

    def __init__(self, page: Page) -> None:
        self._held: list[str | bytes] | None = None
        page.route_web_socket(re.compile("/_stcore/stream"), self._route)

    def _route(self, route: WebSocketRoute) -> None:
        self._page = route
        route.connect_to_server().on_message(self._take)

    def _take(self, told: str | bytes) -> None:
        if self._held is None:
            self._page.send(told)
        else:
            self._held.append(told)

    def hold(self) -> None:
        self._held = []

    def let_go(self) -> None:
        held, self._held = self._held or [], None
        for told in held:
            self._page.send(told)


def test_the_lesson_dialog_makes_the_link_it_shows(browser: Browser, tab: Tab) -> None:
    teacher = new_tab(browser, tab.address)  # of its own, for its wire is never let go
    wire = Wire(teacher.page)
    teacher.enter("train", seed="6")
    # Pressed before the page knows that the server has seen the popover open.
    wire.hold()
    teacher.button("Share this state").click()
    teacher.button("Make a lesson of it").click()
    wire.let_go()
    dialog = teacher.page.get_by_test_id("stDialog")
    expect(dialog).to_be_visible()
    expect(teacher.page.get_by_test_id("stPopoverBody")).to_have_count(0)  # it would lie on it
    text = dialog.get_by_role("textbox", name=re.compile("What to try"))
    text.fill("Find the exceptions.")
    text.press("Control+Enter")
    code = dialog.get_by_test_id("stCode")
    expect(code).to_contain_text("lesson=Find", timeout=PATIENCE_MS)
    teacher.rest()
    # A dialog that is drawn again closes an open box of choices: what is typed opens it again.
    box = dialog.get_by_role("combobox").first
    box.fill("play, pause")
    teacher.page.get_by_role("option", name=re.compile("^Train: play, pause")).wait_for()
    box.press("Enter")
    expect(code).to_contain_text("hide=toolbar", timeout=PATIENCE_MS)
    tab.page.goto(re.sub(r"\s", "", code.inner_text()))
    tab.sees("Find the exceptions.")
    tab.rest()
    expect(tab.button("Play")).to_have_count(0)
    assert "seed=6" in tab.url
    teacher.tests_out_well()
    teacher.context.close()


def test_a_bad_link_is_put_right_in_the_address_too(tab: Tab) -> None:
    tab.enter("train", models="transformer", seed="-3")
    tab.sees(re.compile("^This link"))
    expect(tab.button("Play")).to_be_visible()
    tab.page.reload()
    tab.rest()
    tab.sees_not(re.compile("^This link"))


def test_the_first_room_can_be_opened_by_its_name_too(tab: Tab) -> None:
    tab.open("start", seed="5")
    tab.sees("Who memorized, who generalized?")
    tab.sees_not(re.compile("not found"))
    assert tab.url == f"{tab.address}/?seed=5"


def test_keys_and_menu_are_for_everybody(tab: Tab) -> None:
    tab.enter("train", seed="61")  # not trained yet, so that it can be stepped
    everything_is_reached_by_keyboard(tab)
    ctrl_z_in_a_text_is_the_texts_own(tab)
    links_of_the_menu_are_large_enough_to_be_hit(tab)


def everything_is_reached_by_keyboard(tab: Tab) -> None:
    """Tab goes through the menu and the controls; the focus can be seen; a key presses a button."""
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


def ctrl_z_in_a_text_is_the_texts_own(tab: Tab) -> None:
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


def links_of_the_menu_are_large_enough_to_be_hit(tab: Tab) -> None:
    """By a mouse and by a finger."""
    for size, least in ((LAPTOP, 36), (PHONE, 44)):
        tab.page.set_viewport_size({"width": size[0], "height": size[1]})
        if size == PHONE:
            tab.page.get_by_test_id("stExpandSidebarButton").click()
        boxes = tab.page.evaluate(MENU)
        assert len(boxes) == len(PAGES)
        assert min(bottom - top for top, bottom in boxes) >= least
        assert all(bottom <= top + 1 for (_, bottom), (top, _) in pairwise(boxes))
    tab.go("Start")
    tab.sees(re.compile("Who memorized"))
    assert not tab.overflows()
