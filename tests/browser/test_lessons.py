"""A lesson as a student takes it: by mouse on a laptop, by touch on a phone, by keys alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, expect

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.format import (
    Lesson,
    MapQuestion,
    NumberQuestion,
    OptionQuestion,
    Setup,
    Step,
)
from recsys_demo.lessons.messages import messages
from recsys_demo.ui.lessons.moves import prepared
from recsys_demo.ui.state import State, decode, encode
from tests.browser.conftest import OpenTab
from tests.making.accessibility import COLOR_RULES, violations
from tests.making.driving import PHONE, Tab, new_tab
from tests.making.servers import Server

pytestmark = pytest.mark.browser
TEXTS = messages("en")
SMALL = State(
    data=SampleSpec(world=WorldConfig(users=300, apps=80, impressions=12_000, exceptions=60)),
    training=TrainingConfig(epochs=2),
)
CARD, REVEAL = ".st-key-lesson_card", ".st-key-lesson_reveal"
LESSON = built_in("a").lesson
# The buttons that train, room by room.
TRAIN = "start-train", "train-play", "crosses-go", "crosses-learned"
MOST_STOPS = 250  # of the Tab key on the way round a page
# The key on the way from what has the focus to a control: inside a group it is an arrow, and a card
# lies at the end of its page. None where it has arrived.
KEY_TOWARDS = """one => {
const at = document.activeElement, there = one.closest("label, button") ?? one;
if (there.contains(at)) return null;
if (one.closest("[role=radiogroup]")?.contains(at)) return "ArrowRight";
const isBehind = there.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING;
const isAtEnd = at === document.body && there.closest("[data-testid=stBottom]");
return isBehind || isAtEnd ? "Shift+Tab" : "Tab";
}"""


@dataclass(frozen=True)
class Pointer:
    """How a student points at things: with a mouse, a finger, or the Tab key."""

    tab: Tab
    kind: Literal["mouse", "finger", "keys"] = "mouse"

    def press(self, target: Locator) -> None:
        if self.kind == "keys":
            self._reach(target)
            self.tab.page.keyboard.press("Space")
        else:
            target.tap() if self.kind == "finger" else target.click()
        self.tab.rest()

    def _reach(self, target: Locator) -> None:
        """Go on from control to control, and inside a group by arrow, until the target has the
        focus."""
        for _ in range(MOST_STOPS):
            key = target.evaluate(KEY_TOWARDS)
            if key is None:
                return
            self.tab.page.keyboard.press(key)
        raise AssertionError(f"no key leads to {target}")

    def press_at(self, x: float, y: float) -> None:
        at = self.tab.page.touchscreen.tap if self.kind == "finger" else self.tab.page.mouse.click
        at(x, y)

    def button(self, text: str) -> None:
        """A button of the lesson: in the card, or beside the map on which dots are placed."""
        self.tab.rest()
        lesson = self.tab.page.locator(f"{CARD}, .st-key-lesson-commit")
        self.press(lesson.get_by_role("button", name=TEXTS.text(text), exact=True).first)


def card(tab: Tab) -> Locator:
    return tab.page.locator(CARD)


def shows(tab: Tab, step: Step, lesson: Lesson = LESSON) -> None:
    """The card is at this step."""
    title = TEXTS.text(f"{lesson.key}.{step.key}.title")
    expect(card(tab).get_by_text(title, exact=True).first).to_be_visible()
    tab.rest()


def place_dots(pointer: Pointer, question: MapQuestion) -> None:
    """A click or a tap on the map for each model, which chooses the next one. Plotly took the click
    that follows a touch for the second of a double one."""
    page = pointer.tab.page
    shown = page.locator(".st-key-lesson_map .nsewdrag").first
    for number in range(len(question.models)):
        shown.scroll_into_view_if_needed()
        box = shown.bounding_box()
        assert box is not None
        pointer.press_at(
            box["x"] + box["width"] * (0.3 + 0.1 * number), box["y"] + box["height"] / 3
        )
        placed = page.locator(".st-key-lesson-model button").filter(has_text="●")
        expect(placed).to_have_count(number + 1)
        pointer.tab.rest()


def answer(pointer: Pointer, step: Step, lesson: Lesson) -> None:
    """Give the step's answer, and how sure one is; a number lies beside where the slider begins."""
    tab, question = pointer.tab, step.question
    if isinstance(question, MapQuestion):
        place_dots(pointer, question)
    else:
        pointer.press(card(tab).get_by_role("radio", name=TEXTS.text("card.know"), exact=True))
    if isinstance(question, OptionQuestion):
        option = TEXTS.text(f"{lesson.key}.{step.key}.options.{question.options[0]}")
        pointer.press(card(tab).get_by_text(option, exact=True))
    elif isinstance(question, NumberQuestion):
        slide(tab, question)
    pointer.button("card.commit")
    is_answered(tab)


def slide(tab: Tab, question: NumberQuestion) -> None:
    """One step of the slider, by an arrow key."""
    thumb = card(tab).get_by_role("slider")
    thumb.press("ArrowRight")
    moved = f"{question.start + question.step:.{question.decimals}f} {question.unit}"
    expect(thumb).to_have_attribute("aria-valuetext", moved)
    tab.rest()


def is_answered(tab: Tab) -> None:
    """Nothing is left to commit."""
    commit = tab.page.get_by_role("button", name=TEXTS.text("card.commit"), exact=True)
    expect(commit).to_have_count(0)


def looked_at(tab: Tab, step: Step, lesson: Lesson) -> None:
    """What holds at every step, and a picture for whom wants one."""
    assert not tab.overflows(), step.key
    box, size = card(tab).bounding_box(), tab.page.viewport_size
    assert box is not None
    assert size is not None
    assert box["height"] <= 0.41 * size["height"], step.key
    if folder := os.environ.get("LAB_PICTURES"):
        tab.picture(Path(folder) / f"lesson-{lesson.key}-{step.key}-{size['width']}.png")


def set_up(pointer: Pointer, setup: Setup) -> None:
    """The choices that the step needs, in the link when they are made."""
    tab = pointer.tab
    wanted = prepared(setup, state_in(tab.url))
    pointer.button("card.setup")
    tab.page.wait_for_url(lambda url: state_in(url) == wanted)
    tab.rest()


def state_in(url: str) -> State:
    """What a link says."""
    return decode(dict(parse_qsl(urlsplit(url).query)))[0]


def train_here(pointer: Pointer) -> None:
    """The button that trains, unless another test trained the same; the tick comes by itself."""
    buttons = ", ".join(f".st-key-{key} button:enabled" for key in TRAIN)
    begin = pointer.tab.page.locator(buttons).locator("visible=true")
    tick = card(pointer.tab).get_by_text("check_circle")
    expect(begin.or_(tick).first).to_be_visible()
    if not tick.count():
        pointer.press(begin.first)
    expect(tick).to_be_visible()


def walk(pointer: Pointer, lesson: Lesson = LESSON) -> Iterator[Step]:
    """A lesson to its end, as its card says: each step once it is done."""
    tab, steps = pointer.tab, lesson.steps
    for step, following in zip(steps, (*steps[1:], None), strict=True):
        shows(tab, step, lesson)
        looked_at(tab, step, lesson)
        if step.question is not None:
            answer(pointer, step, lesson)
        if step.setup is not None:
            set_up(pointer, step.setup)
        if step.done is not None:
            train_here(pointer)
        if step.reveal is not None:
            expect(tab.page.locator(REVEAL)).to_be_visible()
            looked_at(tab, step, lesson)
        yield step
        pointer.button("card.next" if following is not None else "card.end")
    tab.sees(TEXTS.text("page.progress", done=len(steps), steps=len(steps)))


def test_lesson_a_is_done_by_mouse(tab: Tab) -> None:
    tab.enter("lessons", **encode(SMALL))
    tab.page.locator(".st-key-lessons-begin-a button").click()
    for step in walk(Pointer(tab)):
        if step.key == "landed":
            assert violations(tab) == []
            tab.page.emulate_media(color_scheme="dark")
            assert violations(tab, *COLOR_RULES) == []
            tab.page.emulate_media(color_scheme="light")


def test_lesson_a_is_done_by_touch_on_a_phone(
    browser: Browser, server: Server, open_tab: OpenTab
) -> None:
    tab = new_tab(browser, server.address, PHONE, has_touch=True, is_mobile=True)
    tab.enter("lessons", **encode(SMALL))
    pointer = Pointer(tab, kind="finger")
    pointer.press(tab.page.locator(".st-key-lessons-begin-a button"))
    for step in walk(pointer):
        if step.key == "all_rows":
            back_leads_to(tab, "dots", step)
        if step.key == "landed":
            comes_back_to(pointer, open_tab(), step)
        if step.key == "penguin":
            back_leads_to(tab, "both", step)
        if step.key == "free":
            the_first_tap_opens_a_run(tab)
    tab.tests_out_well()
    tab.context.close()


def test_lesson_b_is_done_by_keys_alone(tab: Tab) -> None:
    tab.enter("lessons", **encode(SMALL))
    pointer = Pointer(tab, kind="keys")
    pointer.press(tab.page.locator(".st-key-lessons-begin-b button"))
    for _ in walk(pointer, built_in("b").lesson):
        pass


def the_first_tap_opens_a_run(tab: Tab) -> None:
    """On Compare's map, which can be dragged: Plotly asked the mouse what lies under a finger."""
    dot = tab.page.locator(".js-plotly-plot .trace:has(.textpoint) .points path").first
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    assert box is not None
    tab.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(tab.page.get_by_role("dialog")).to_be_visible()
    tab.rest()
    tab.page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).tap()
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    tab.rest()


def back_leads_to(tab: Tab, before: str, step: Step) -> None:
    """From an answer not to the same step as if it were not answered; from another room not to the
    same step in the room before."""
    tab.page.go_back()
    shows(tab, LESSON.step(before))
    tab.page.go_forward()
    shows(tab, step)
    is_answered(tab)


def comes_back_to(pointer: Pointer, other: Tab, step: Step) -> None:
    """After a reload, by the link alone, and by the browser's Back and Forward."""
    tab = pointer.tab
    tab.page.reload()
    shows(tab, step)
    expect(tab.page.locator(REVEAL)).to_be_visible()
    other.page.goto(tab.url)
    shows(other, step)
    expect(other.page.locator(REVEAL)).to_be_visible()
    other.page.goto("about:blank")
    before = LESSON.step("train")
    pointer.button("card.back")
    shows(tab, before)
    for go, there in (("back", step), ("forward", before), ("back", step)):
        tab.page.go_back() if go == "back" else tab.page.go_forward()
        shows(tab, there)
