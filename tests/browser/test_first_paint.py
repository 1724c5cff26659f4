"""What a person sees of a room while the server still loads its code: never an empty page.

The server is one whose rooms' modules do not load before the test lets them: what is seen until
then is seen however slow the machine is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from recsys_demo.ui.frame import PAGES, Page
from tests.browser.conftest import Server, start_server, stop_server
from tests.browser.driving import PATIENCE_MS, new_tab

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


@pytest.mark.parametrize("room", PAGES, ids=lambda room: room.key)
def test_the_heading_and_the_menu_come_before_the_room(
    held: tuple[Server, Path], browser: Browser, room: Page
) -> None:
    server, folder = held
    tab = new_tab(browser, server.address)
    tab.page.goto(f"{server.address}/{room.key}")
    expect(tab.page.get_by_role("heading", name=room.heading)).to_be_visible(timeout=PATIENCE_MS)
    menu = tab.page.get_by_test_id("stSidebar").get_by_role("link")
    expect(menu).to_have_count(len(PAGES))
    app = tab.page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "running")
    (folder / room.key).touch()
    tab.rest()
    tab.tests_out_well()
    tab.context.close()
