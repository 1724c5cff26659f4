"""A teacher at the projector and two students, one at a phone, go through a question together."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.making.driving import PHONE, Tab, pick

pytestmark = pytest.mark.browser
QUESTION = "A. Who says no to the penguin?"


def answer(student: Tab, option: str) -> None:
    student.page.get_by_role("radiogroup").get_by_text(option, exact=True).click()
    expect(student.button("Commit")).to_be_enabled()
    student.press("Commit")
    student.sees(re.compile("You can change it until"))


def test_a_class_predicts_discusses_and_predicts_again(open_tab: OpenTab) -> None:
    teacher = open_tab()
    teacher.enter("classroom", projector="1")
    teacher.press("Open a class")
    code = teacher.page.locator(".class-code").inner_text()
    assert teacher.page.get_by_role("img", name=re.compile("^QR code")).is_visible()
    students = [open_tab(PHONE), open_tab()]
    for student in students:
        student.open("classroom", join=code)
        student.sees(re.compile("^You are"))
    teacher.sees("2 students are here")
    pick(teacher, "Question", QUESTION)
    teacher.sees("Who gives First Flight less than an average chance?")
    teacher.press("Call everybody here")
    teacher.press("Open the question")
    for student, option in zip(students, ("Wide only", "Deep only"), strict=True):
        student.page.wait_for_url(re.compile("led=a.penguin"))
        answer(student, option)
    teacher.sees("2 of 2 have answered")
    students[0].page.reload()  # keeps the place, and multiplies nobody
    students[0].sees("You said: Wide only")
    teacher.press("Close it")
    teacher.press("Ask once more")
    students[1].sees(re.compile("^Second round"))
    answer(students[1], "Wide only")
    teacher.sees("1 of 2 have answered")
    teacher.press("Close it")
    bars = '[class*="st-key-"][class*="_bars"] .js-plotly-plot'
    assert students[1].page.locator(bars).count() == 0
    teacher.press("Show the answers")
    teacher.page.locator(bars).first.wait_for()
    for student in students:
        student.page.locator(bars).first.wait_for()
        assert not student.overflows()
    assert not teacher.overflows()
