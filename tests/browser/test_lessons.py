"""A lesson as a student takes it, by mouse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.format import MapQuestion, OptionQuestion, Step
from recsys_demo.lessons.messages import messages
from recsys_demo.ui.state import State, encode
from tests.browser.conftest import OpenTab
from tests.making.accessibility import violations
from tests.making.driving import LAPTOP, PHONE, Tab, new_tab
from tests.making.servers import Server

pytestmark = pytest.mark.browser
TEXTS = messages("en")
SMALL = State(
    data=SampleSpec(world=WorldConfig(users=300, apps=80, impressions=12_000, exceptions=60)),
    training=TrainingConfig(epochs=2),
)
CARD, REVEAL = ".st-key-lesson_card", ".st-key-lesson_reveal"


def card(tab: Tab) -> Locator:
    return tab.page.locator(CARD)


def shows(tab: Tab, key: str, step: Step) -> None:
    """The card is at this step."""
    title = TEXTS.text(f"{key}.{step.key}.title")
    expect(card(tab).get_by_text(title, exact=True).first).to_be_visible()
    tab.rest()


def press(tab: Tab, text: str) -> None:
    """A button of the lesson: in the card, or beside the map on which dots are placed."""
    tab.rest()
    lesson = tab.page.locator(f"{CARD}, .st-key-lesson-commit")
    lesson.get_by_role("button", name=TEXTS.text(text), exact=True).first.click()
    tab.rest()


def place_dots(tab: Tab, question: MapQuestion, touch: bool = False) -> None:
    """A click or a tap on the map for each model, which chooses the next one."""
    press_at = tab.page.touchscreen.tap if touch else tab.page.mouse.click
    for number in range(len(question.models)):
        box = tab.page.locator(".st-key-lesson_map .nsewdrag").first.bounding_box()
        assert box is not None
        press_at(box["x"] + box["width"] * (0.3 + 0.1 * number), box["y"] + box["height"] / 3)
        placed = tab.page.locator(".st-key-lesson-model button").filter(has_text="●")
        expect(placed).to_have_count(number + 1)
        tab.rest()


def answer(tab: Tab, key: str, step: Step) -> None:
    """Give the step's answer by mouse; a number is left where the slider begins."""
    if isinstance(step.question, MapQuestion):
        place_dots(tab, step.question)
    elif isinstance(step.question, OptionQuestion):
        option = TEXTS.text(f"{key}.{step.key}.options.{step.question.options[0]}")
        card(tab).get_by_text(option, exact=True).click()
    press(tab, "card.commit")


def looked_at(tab: Tab, key: str, step: Step) -> None:
    """What holds at every step, and a picture for whom wants one."""
    assert not tab.overflows(), step.key
    box = card(tab).bounding_box()
    assert box is not None
    assert box["height"] <= 0.41 * LAPTOP[1], step.key
    if folder := os.environ.get("LAB_PICTURES"):
        tab.picture(Path(folder) / f"lesson-{key}-{step.key}.png")


def train_here(tab: Tab, step: Step) -> None:
    """The button that trains in the step's room."""
    keys = {"start": ".st-key-start-train", "train": ".st-key-train-play"}
    tab.page.locator(f"{keys[step.room]} button").first.click()
    tab.rest()


def test_lesson_a_is_done_by_mouse(tab: Tab, open_tab: OpenTab) -> None:
    tab.enter("lessons", **encode(SMALL))
    tab.page.locator(".st-key-lessons-begin-a button").click()
    lesson = built_in("a").lesson
    for step, following in zip(lesson.steps, (*lesson.steps[1:], None), strict=True):
        shows(tab, "a", step)
        looked_at(tab, "a", step)
        if step.question is not None:
            answer(tab, "a", step)
        if step.setup is not None and step.setup.exceptions is not None:
            press(tab, "card.setup")
        if step.done is not None:
            train_here(tab, step)
        if step.reveal is not None:
            expect(tab.page.locator(REVEAL)).to_be_visible()
            looked_at(tab, "a", step)
        if step.key == "landed":
            assert violations(tab) == []
            comes_back_to(tab, open_tab(), step)
        press(tab, "card.next" if following is not None else "card.end")
    tab.sees(TEXTS.text("page.progress", done=len(lesson.steps), steps=len(lesson.steps)))


def test_every_tap_places_a_dot(browser: Browser, server: Server) -> None:
    """Plotly took the click that follows a touch for the second of a double one."""
    tab = new_tab(browser, server.address, PHONE, has_touch=True, is_mobile=True)
    tab.enter("lessons", **encode(SMALL))
    tab.page.locator(".st-key-lessons-begin-a button").tap()
    shown = tab.page.locator(".st-key-lesson_map .nsewdrag").first
    shown.scroll_into_view_if_needed()
    question = built_in("a").lesson.steps[0].question
    assert isinstance(question, MapQuestion)
    place_dots(tab, question, touch=True)
    tab.context.close()


def comes_back_to(tab: Tab, other: Tab, step: Step) -> None:
    """After a reload, by the link alone, and by the browser's Back and Forward."""
    tab.page.reload()
    shows(tab, "a", step)
    expect(tab.page.locator(REVEAL)).to_be_visible()
    other.page.goto(tab.url)
    shows(other, "a", step)
    expect(other.page.locator(REVEAL)).to_be_visible()
    other.page.goto("about:blank")
    before = built_in("a").lesson.step("train")
    press(tab, "card.back")
    shows(tab, "a", before)
    for go, there in (("back", step), ("forward", before), ("back", step)):
        tab.page.go_back() if go == "back" else tab.page.go_forward()
        shows(tab, "a", there)
