"""Every room, in the two sizes and the two colour schemes: whole, without errors, without network.

`LAB_PICTURES=folder` keeps the screenshots for a person to look at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recsys_demo.ui.frame import PAGES, ROOT
from tests.browser.conftest import OpenTab
from tests.browser.driving import LAPTOP, PHONE

pytestmark = pytest.mark.browser
THERE = [page for page in PAGES if (ROOT / page.file).exists()]


@pytest.mark.parametrize("page", THERE, ids=lambda page: page.key)
@pytest.mark.parametrize(
    ("size", "scheme"), [(LAPTOP, "light"), (PHONE, "dark")], ids=["laptop", "phone"]
)
def test_a_deep_link_shows_the_whole_room(
    open_tab: OpenTab, page: object, size: tuple[int, int], scheme: str
) -> None:
    room = next(one for one in THERE if one is page)
    tab = open_tab(size, scheme)
    tab.open("" if room.key == "start" else room.key)
    tab.page.get_by_test_id("stMain").get_by_role("heading").first.wait_for()
    assert not tab.overflows()
    assert room.label in tab.page.title()
    if folder := os.environ.get("LAB_PICTURES"):
        tab.picture(Path(folder) / f"{room.key}-{size[0]}-{scheme}.png")
