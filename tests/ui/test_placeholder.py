"""The page a browser gets before any script of it runs."""

from __future__ import annotations

import asyncio

import pytest

from recsys_demo.ui.placeholder import EMPTY, TITLE, Placeholder
from recsys_demo.ui.rooms import PAGES, Page
from tests.making.asgi import ask
from tests.making.page_contracts import (
    HEADERS,
    NAVIGATION,
    STREAMLITS,
    Shell,
    has_heading_and_title_before_its_script,
)


def test_streamlits_page_has_the_places_that_are_filled() -> None:
    assert STREAMLITS.count(EMPTY.encode()) == 1
    assert STREAMLITS.count(TITLE.encode()) == 1


@pytest.mark.parametrize("before", ["/", "/behind/a/proxy/"])
@pytest.mark.parametrize("room", PAGES, ids=lambda room: room.key)
def test_every_room_has_its_heading_and_title(room: Page, before: str) -> None:
    has_heading_and_title_before_its_script(room, before)


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/", {"accept": "*/*"}, STREAMLITS),
        ("/static/js/a.js", NAVIGATION, STREAMLITS),
        ("/media/abc.csv", NAVIGATION, STREAMLITS),
        ("/no-such-room", NAVIGATION, STREAMLITS),
        ("/", NAVIGATION, b"<html>another version of Streamlit</html>"),
    ],
)
def test_everything_else_stays_as_it_is(path: str, headers: dict[str, str], body: bytes) -> None:
    got = asyncio.run(ask(Placeholder(Shell(body)), path, headers))
    assert got.body == body
    assert got.headers == HEADERS | {"content-length": str(len(body))}
