"""What a person sees while scripts and code still load: never an empty page.

Nothing loads before the test lets it: what is seen until then is seen however slow network and
machine are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from recsys_demo.ui.rooms import NAME, PAGES, Page
from tests.making.driving import LAPTOP, PATIENCE_MS, PHONE, new_tab
from tests.making.servers import Server, start_server, stop_server

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


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("room", [PAGES[0], PAGES[4]], ids=lambda room: room.key)
def test_the_heading_stands_where_it_will_stand_before_any_script_has_come(
    server: Server, browser: Browser, room: Page, size: tuple[int, int]
) -> None:
    tab = new_tab(browser, server.address, size)
    scripts = "**/static/js/*"
    tab.page.route(scripts, lambda _route: None)
    path = "" if room.key == "start" else room.key
    tab.page.goto(f"{server.address}/{path}", wait_until="commit")
    heading = tab.page.get_by_role("heading", name=room.heading)
    expect(heading).to_be_visible()
    expect(tab.page.get_by_role("status")).to_contain_text("Loading")
    expect(tab.page).to_have_title(f"{room.label} · {NAME}")
    before = heading.bounding_box()
    tab.page.unroute(scripts)  # and what was held goes on
    tab.rest()
    expect(tab.page.locator(".first")).to_have_count(0)
    after = tab.page.get_by_test_id("stMain").get_by_role("heading").first.bounding_box()
    assert before == pytest.approx(after, abs=1)
    tab.tests_out_well()
    tab.context.close()


def test_a_first_visit_loads_less_than_half_of_what_it_unpacks(
    server: Server, browser: Browser
) -> None:
    tab = new_tab(browser, server.address)
    network = tab.context.new_cdp_session(tab.page)
    network.send("Network.enable")
    sent: list[float] = []
    unpacked: list[float] = []
    network.on("Network.loadingFinished", lambda told: sent.append(told["encodedDataLength"]))
    network.on("Network.dataReceived", lambda told: unpacked.append(told["dataLength"]))
    tab.enter("start")
    tab.context.close()
    assert sum(unpacked) > 2_000_000
    assert sum(sent) < sum(unpacked) / 2
