"""`python -m tests.browser.pictures FOLDER`: every room with four trained models, in both sizes and
colour schemes, as small files. docs/guide.md shows those in docs/rooms."""

from __future__ import annotations

import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from recsys_demo.config.presets import MAIN_PRESETS
from recsys_demo.ui.rooms import PAGES
from tests.making import chromium
from tests.making.driving import LAPTOP, PATIENCE_MS, PHONE, Tab, new_tab
from tests.making.servers import start_server, stop_server

LOOKS = [(size, scheme) for size in (LAPTOP, PHONE) for scheme in ("light", "dark")]
QUALITY = 55
# Charts and tables draw themselves a moment after the page is at rest.
SETTLE_MS = 2_500
DONE = re.compile(r"^done, ")


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
