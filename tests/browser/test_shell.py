"""The frame around every room: link, undo, hidden controls, lesson, projector, access."""

from __future__ import annotations

import random
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from recsys_demo.ui.frame import HIDEABLE, PAGES, ROOT
from tests.browser.conftest import OpenTab
from tests.browser.driving import PATIENCE_MS, PHONE, Tab

pytestmark = pytest.mark.browser
ROOMS = [page.key for page in PAGES if (ROOT / page.file).exists()]
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


def opened(tab: Tab, room: str, **parameters: str) -> None:
    tab.open("" if room == "start" else room, **parameters)
    tab.page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
    tab.rest()


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
    opened(tab, "train", seed="5")
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


def test_reset_keeps_the_seed_and_the_lesson(tab: Tab) -> None:
    opened(tab, "train", seed="9", models="lr", lesson="Try it", hide="budget")
    tab.press("Reset")
    tab.page.wait_for_function("!location.href.includes('models')")
    assert "seed=9" in tab.url
    assert "lesson=Try" in tab.url
    assert "hide=budget" in tab.url


def test_hidden_controls_are_not_on_the_page(tab: Tab) -> None:
    opened(tab, "train")
    named = ["Play", "Settings", "Undo", "Share this state", "Stopping"]
    for name in named:
        expect(tab.button(name)).to_be_visible()
    expect(tab.page.get_by_role("spinbutton", name="Seed", exact=True)).to_be_visible()
    opened(tab, "train", hide=",".join(["toolbar", "models", "settings", "budget", *HIDEABLE]))
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
    opened(tab, "train", lesson=lesson)
    tab.sees("Try")
    box = tab.page.get_by_test_id("stMain")
    assert box.locator("img[src='x'], img[src*='example.org'], script").count() == 0
    for link in box.get_by_role("link", name="go").all():
        assert "javascript" not in (link.get_attribute("href") or "")
    assert dialogs == []
    assert tab.strangers == []


def test_the_lesson_dialog_makes_the_link_it_shows(open_tab: OpenTab) -> None:
    tab = open_tab()
    opened(tab, "train", seed="6")
    tab.button("Share this state").click()
    tab.button("Make a lesson of it").click()
    dialog = tab.page.get_by_test_id("stDialog")
    text = dialog.get_by_role("textbox", name=re.compile("What to try"))
    text.fill("Find the exceptions.")
    text.press("Control+Enter")
    code = dialog.get_by_test_id("stCode")
    expect(code).to_contain_text("lesson=Find", timeout=PATIENCE_MS)
    dialog.get_by_role("combobox").first.click()
    tab.page.get_by_role("option", name=re.compile("^toolbar")).click()
    expect(code).to_contain_text("hide=toolbar", timeout=PATIENCE_MS)
    student = open_tab()
    student.page.goto(re.sub(r"\s", "", code.inner_text()))
    student.sees("Find the exceptions.")
    student.rest()
    expect(student.button("Play")).to_have_count(0)
    assert "seed=6" in student.url


@pytest.mark.parametrize(
    "parameters",
    [
        {"s": "broken"},
        {"s": "A" * 15_000},
        {"models": "transformer", "seed": "-3"},
        {"seed": "999999999999"},
    ],
    ids=["damaged", "long", "unknown", "large"],
)
def test_a_bad_link_gives_a_message_and_the_defaults(tab: Tab, parameters: dict[str, str]) -> None:
    opened(tab, "train", **parameters)
    tab.sees(re.compile("^This link"))
    expect(tab.button("Play")).to_be_visible()
    tab.page.reload()
    tab.rest()
    tab.sees_not(re.compile("^This link"))  # the address was put right


@pytest.mark.parametrize("room", ROOMS)
def test_a_projector_shows_letters_of_18_pixels(tab: Tab, room: str) -> None:
    opened(tab, room, projector="1")
    assert tab.page.evaluate(SMALL_LETTERS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("room", ROOMS)
def test_no_violation_of_accessibility_of_ours(open_tab: OpenTab, room: str, scheme: str) -> None:
    tab = open_tab(scheme=scheme)
    opened(tab, room)
    found = Axe().run(tab.page)
    ours = [v for v in found.response["violations"] if v["id"] not in NOT_OURS]
    told = [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in ours]
    assert told == []


def test_everything_is_reached_by_keyboard(tab: Tab) -> None:
    """Tab goes through the menu and the controls; the focus can be seen; a key presses a button."""
    opened(tab, "train")
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
    opened(tab, "train")
    tab.page.get_by_test_id("stExpandSidebarButton").click()
    tab.page.get_by_test_id("stSidebar").get_by_role("link", name="Start").click()
    tab.sees(re.compile("Who memorized"))
    assert not tab.overflows()
