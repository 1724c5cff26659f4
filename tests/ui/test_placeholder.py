"""The page a browser gets before any script of it runs."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path

import pytest
import streamlit
from starlette.types import Receive, Scope, Send

from recsys_demo.ui.placeholder import EMPTY, TITLE, Placeholder
from recsys_demo.ui.rooms import NAME, PAGES, Page
from tests.making.asgi import ask, raw

STREAMLITS = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
NAVIGATION = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HEADERS = {"content-type": "text/html; charset=utf-8", "etag": '"x"', "cache-control": "no-cache"}


class Shell:
    """An application that answers with a page, and a note of what it was asked with."""

    def __init__(self, body: bytes = STREAMLITS) -> None:
        self.body = body
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = scope["headers"]
        told = raw((HEADERS | {"content-length": str(len(self.body))}).items())
        await send({"type": "http.response.start", "status": 200, "headers": told})
        await send({"type": "http.response.body", "body": self.body})


def test_streamlits_page_has_the_places_that_are_filled() -> None:
    assert STREAMLITS.count(EMPTY.encode()) == 1
    assert STREAMLITS.count(TITLE.encode()) == 1


@pytest.mark.parametrize("before", ["/", "/behind/a/proxy/"])
@pytest.mark.parametrize("room", PAGES, ids=lambda room: room.key)
def test_every_room_has_its_heading_and_title(room: Page, before: str) -> None:
    path = before + ("" if room.key == "start" else room.key)
    asked_with = NAVIGATION | {"accept-encoding": "gzip", "if-none-match": '"x"', "cookie": "a=b"}
    shell = Shell()
    got = asyncio.run(ask(Placeholder(shell), path, asked_with))
    text = got.body.decode()
    assert f"<h3>{html.escape(room.heading)}</h3>" in text
    assert f"<title>{room.label} · {NAME}</title>" in text
    assert 'role="status"' in text
    assert int(got.headers["content-length"]) == len(got.body)
    assert got.headers["cache-control"] == "no-cache"
    assert "etag" not in got.headers
    # What would make the answer empty or unreadable is not asked for; the rest is.
    assert shell.headers == raw({**NAVIGATION, "cookie": "a=b"}.items())
    # Streamlit is told where its server is, wherever it would look in the wrong place first.
    assert ("BACKEND_BASE_URL" in text) == (not path.endswith("/"))
    # All that was there still is.
    assert (
        text.split("<div id=")[0].replace(f"{room.label} · {NAME}", "Streamlit")
        == (STREAMLITS.decode().split("<div id=")[0])
    )


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
