"""`python -m tests.browser.pictures FOLDER`: every room with four trained models, in both sizes and
colour schemes, and a class in its second round, as small files. docs/guide.md shows those in
docs/rooms."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from recsys_demo.config.presets import MAIN_PRESETS
from recsys_demo.lessons.classroom.classes import delete_class, open_class
from recsys_demo.lessons.classroom.polls import Move, move_poll, vote
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.classroom.students import join
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.progress import Prediction
from recsys_demo.ui.rooms import PAGES
from tests.making import chromium
from tests.making.driving import LAPTOP, PATIENCE_MS, PHONE, Tab, new_tab
from tests.making.servers import Server, start_server, stop_server

LOOKS = [(size, scheme) for size in (LAPTOP, PHONE) for scheme in ("light", "dark")]
QUALITY = 55
# Charts and tables draw themselves a moment after the page is at rest.
SETTLE_MS = 2_500
DONE = re.compile(r"^done, ")
# What a class of twelve says before and after the discussion.
QUESTION = ("a", "penguin")
ANSWERS = (
    ("deep",) * 5 + ("wide",) * 3 + ("both",) * 3 + ("unknown",),
    ("deep", "wide") * 2 + ("wide",) * 6 + ("both", "wide"),
)


def main(folder: Path) -> None:
    """Train once, then go round."""
    folder.mkdir(parents=True, exist_ok=True)
    path = chromium.find()
    assert path is not None, chromium.ADVICE
    with tempfile.TemporaryDirectory() as home:
        server = start_server(Path(home))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
                go_round(browser, server.address, folder)
                show_class(browser, server, folder)
        finally:
            stop_server(server)


def go_round(browser: Browser, address: str, folder: Path) -> None:
    """All rooms in all looks."""
    train(new_tab(browser, address))
    for size, scheme in LOOKS:
        tab = new_tab(browser, address, size, scheme)
        for page in PAGES:
            tab.open("" if page.key == "start" else page.key)
            tab.page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
            tab.page.wait_for_timeout(SETTLE_MS)
            name = f"{page.key}-{'phone' if size == PHONE else 'laptop'}-{scheme}.webp"
            keep(tab.page.screenshot(), folder / name)
        tab.context.close()


def show_class(browser: Browser, server: Server, folder: Path) -> None:
    """A class whose question is marked, as its teacher projects it and a student sees it. It is led
    from here, as if by a second server on the same folder."""
    store = ClassStore(server.home)
    opened = open_class(store, "pictures", 3_600)
    question = built_in(QUESTION[0]).lesson.step(QUESTION[1]).question
    assert question is not None
    students = [join(store, opened.code, f"student {number}") for number in range(len(ANSWERS[0]))]
    before: tuple[tuple[Move, ...], ...] = (("open",), ("close", "revote"))
    for moves, answers in zip(before, ANSWERS, strict=True):
        for move in moves:
            move_poll(store, opened.teacher, QUESTION, move)
        for student, option in zip(students, answers, strict=True):
            assert student is not None
            said = Prediction(lesson=QUESTION[0], step=QUESTION[1], option=option)
            vote(store, student, question, said)
    ends: tuple[Move, ...] = ("close", "reveal")
    for move in ends:
        move_poll(store, opened.teacher, QUESTION, move)
    looks: tuple[tuple[str, tuple[int, int], dict[str, str]], ...] = (
        ("class-teacher-laptop", LAPTOP, {"lead": opened.secret, "projector": "1"}),
        ("class-student-phone", PHONE, {"join": opened.code}),
    )
    for scheme in ("light", "dark"):
        for name, size, way_in in looks:
            tab = new_tab(browser, server.address, size, scheme)
            tab.open("classroom", **way_in)
            tab.page.locator(".js-plotly-plot").first.wait_for()
            tab.page.wait_for_timeout(SETTLE_MS)
            keep(tab.page.screenshot(), folder / f"{name}-{scheme}.webp")
            tab.context.close()
    delete_class(store, opened.teacher)
    store.close()


def train(tab: Tab) -> None:
    """The four presets to their end, however long that takes as long as anything moves: what has
    failed or stands still says so in the error."""
    tab.open("train")
    tab.button("Play").click()
    table = tab.page.get_by_test_id("stTable").first
    before = ""
    while table.get_by_role("cell", name=DONE).count() < len(MAIN_PRESETS):
        expect(table).not_to_have_text(before, timeout=PATIENCE_MS)
        before = table.text_content() or ""
    tab.context.close()


def keep(picture: bytes, path: Path) -> None:
    """Write it as a small file."""
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, "webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
