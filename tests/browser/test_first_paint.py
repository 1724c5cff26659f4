"""What a person sees while scripts and code still load: never an empty page.

Nothing loads before the test lets it: what is seen until then is seen however slow network and
machine are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from recsys_demo.ui.rooms import FIRST, NAME, PAGES, Page
from tests.making.driving import LAPTOP, PHONE, Tab
from tests.making.servers import Server, start_server, stop_server
from tests.making.visitor import PATIENCE, Visitor

pytestmark = pytest.mark.browser
HELD = """
import re, sys, time
from pathlib import Path
class Held:
    def find_spec(self, name, path=None, target=None):
        found = re.fullmatch(r"recsys_demo[.]ui[.](\\w+)[.](room|view)", name)
        while found and not (Path({folder!r}) / found.group(1)).exists():
            time.sleep(0.02)
sys.meta_path.insert(0, Held())
"""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server, and the folder in which a file with a room's name lets that room's code load."""
    folder = tmp_path_factory.mktemp("let")
    (folder / "sitecustomize.py").write_text(HELD.format(folder=str(folder)))
    server = start_server(
        tmp_path_factory.mktemp("lab"), PYTHONPATH=str(folder), RECSYS_DEMO_WORKERS="1"
    )
    yield server, folder
    stop_server(server)


class Newcomer(Visitor):
    """Notes when the heading and the whole menu have come."""

    def __init__(self, address: str, room: Page) -> None:
        super().__init__(address, 0, "")
        self._heading = f"### {room.heading}"
        self._has_heading, self._links = False, 0
        self.is_framed = asyncio.Event()

    def _note(self, element: Any) -> None:
        super()._note(element)
        self._has_heading |= element.markdown.body == self._heading
        self._links += element.WhichOneof("type") == "page_link"
        if self._has_heading and self._links >= len(PAGES):
            self.is_framed.set()


async def _heading_first(server: Server, folder: Path, room: Page) -> None:
    async with Newcomer(server.address, room) as newcomer:
        opening = asyncio.create_task(newcomer.open("" if room.key == FIRST else room.key))
        await asyncio.wait_for(newcomer.is_framed.wait(), PATIENCE)
        assert not opening.done()
        (folder / room.key).touch()
        await opening
        assert newcomer.seen.exceptions == 0


@pytest.mark.parametrize("room", PAGES, ids=lambda room: room.key)
def test_the_heading_and_the_menu_come_before_the_room(
    held: tuple[Server, Path], room: Page
) -> None:
    with ThreadPoolExecutor(1) as pool:  # Chromium's event loop runs in the main thread
        pool.submit(asyncio.run, _heading_first(*held, room)).result()


@pytest.mark.parametrize(("key", "size"), [("start", PHONE), ("train", LAPTOP)])
def test_the_heading_stands_where_it_will_stand_before_any_script_has_come(
    tab: Tab, key: str, size: tuple[int, int]
) -> None:
    room = next(page for page in PAGES if page.key == key)
    tab.page.set_viewport_size({"width": size[0], "height": size[1]})
    scripts = "**/static/js/*"
    tab.page.route(scripts, lambda _route: None)
    path = "" if room.key == FIRST else room.key
    tab.page.goto(f"{tab.address}/{path}", wait_until="commit")
    heading = tab.page.get_by_role("heading", name=room.heading)
    expect(heading).to_be_visible()
    expect(tab.page.get_by_role("status")).to_contain_text("Loading")
    expect(tab.page).to_have_title(f"{room.label} · {NAME}")
    before = heading.bounding_box()
    tab.page.unroute(scripts)  # and what was held goes on
    tab.rest()
    expect(tab.page.locator(".first")).to_have_count(0)
    after = tab.page.get_by_test_id("stMain").get_by_role("heading").first.bounding_box()
    assert before is not None
    assert after is not None
    # Its line is shared with the room's help then, so its box is narrower.
    assert [before[side] for side in ("x", "y", "height")] == pytest.approx(
        [after[side] for side in ("x", "y", "height")], abs=1
    )
