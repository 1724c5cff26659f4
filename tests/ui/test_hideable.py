"""What a lesson can hide: one list, offered whole by a server that has drawn one page only."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recsys_demo.ui.hideable import HIDEABLE
from recsys_demo.ui.rooms import PAGES
from tests.making.servers import start_server, stop_server
from tests.making.visitor import Visitor

ROOT = Path(__file__).parents[2]
DRAWING = [*(ROOT / "recsys_demo" / "ui").glob("**/*.py"), *(ROOT / "pages").glob("*.py")]


def asked(path: Path) -> Iterator[ast.expr]:
    """What a file asks `session.hidden` about."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "session.hidden":
            yield node.args[0]


def test_the_list_holds_exactly_what_the_rooms_ask_about() -> None:
    names = {
        ast.literal_eval(name)  # written out, so that this test and readers find it
        for path in DRAWING
        for name in asked(path)
    }
    assert names == set(HIDEABLE)


@pytest.mark.parametrize("name", HIDEABLE)
def test_a_name_can_stand_in_a_link(name: str) -> None:
    assert "," not in name
    assert name == name.strip()
    assert len(name) <= 60


class Teacher(Visitor):
    """Notes what the boxes of choices on the page offer."""

    def __init__(self, address: str, number: int, link: str) -> None:
        super().__init__(address, number, link)
        self.offered: dict[str, list[str]] = {}

    def _note(self, element: Any) -> None:
        super()._note(element)
        if element.WhichOneof("type") == "multiselect":
            self.offered[element.multiselect.label] = list(element.multiselect.options)


async def _offered_at_first(address: str) -> list[str]:
    async with Teacher(address, 0, "hide=nonsense,toolbar") as teacher:
        await teacher.open()
        await teacher.press("Make a lesson of it")
        assert teacher.seen.exceptions == 0
        return teacher.offered["Controls to hide"]


def test_a_fresh_server_offers_the_controls_of_every_room(tmp_path: Path) -> None:
    server = start_server(tmp_path, RECSYS_DEMO_WORKERS="1")
    try:
        offered = asyncio.run(_offered_at_first(server.address))
    finally:
        stop_server(server)
    rooms = {text.split(":")[0] for text in offered}
    assert {"Data", "Crosses", "Train", "Compare", "Recommend", "Ablate"} <= rooms
    assert rooms - {page.label for page in PAGES} <= {"Every room", "Several rooms"}
    assert len(offered) == len(HIDEABLE)
