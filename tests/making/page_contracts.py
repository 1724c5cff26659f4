"""What every page keeps: those of the lab, and one that a test adds."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path
from typing import Any

import pytest
import streamlit
from starlette.types import Receive, Scope, Send
from streamlit.testing.v1 import AppTest

from recsys_demo.errors import InputError
from recsys_demo.ui.placeholder import Placeholder
from recsys_demo.ui.rooms import NAME, Page
from recsys_demo.ui.state import State
from tests.making.apptesting import open_page, text_of
from tests.making.asgi import ask, raw

WORDS = "The queue of this lab is full"
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


def refuse(*_args: Any, **_kwargs: Any) -> None:
    raise InputError.of(WORDS, "job", "200 jobs", "fewer", "Try again later.")


def errors(at: AppTest) -> list[str]:
    """What the page says went wrong; no traceback."""
    assert not at.exception, at.exception
    return [str(error.value).replace("\\", "") for error in at.error]


def says_an_error_in_the_place_of_its_content(
    page: Page, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error meant for people, raised while the page is drawn."""
    monkeypatch.setattr(f"recsys_demo.ui.{page.key}.room.{page.key}_room", refuse)
    at = open_page(page.key, state)
    (error,) = errors(at)
    assert WORDS in error
    assert page.heading in text_of(at)


def has_heading_and_title_before_its_script(room: Page, before: str) -> None:
    """What a browser gets first, under this address."""
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
