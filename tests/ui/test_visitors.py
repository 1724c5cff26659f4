"""A browser is one visitor: its cookie, its share of upload memory, and who is here."""

from __future__ import annotations

import asyncio
import re
from http.cookies import SimpleCookie

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys_demo.limits import Limits
from recsys_demo.ui import visitors
from recsys_demo.ui.visitors import COOKIE, KEPT_NAMES, KEPT_TABS, Tabs, Visitors
from tests.making.asgi import Got, ask

UPLOAD = "/_stcore/upload_file/tab/1"


async def page(_: Request) -> Response:
    return HTMLResponse("<p>page")


async def script(_: Request) -> Response:
    return PlainTextResponse("script")


async def take(request: Request) -> Response:
    body = await request.body()
    return PlainTextResponse(str(len(body)))


@pytest.fixture
def lab() -> Starlette:
    routes = [Route("/", page), Route("/main.js", script)]
    return Starlette(routes=[*routes, Route(UPLOAD, take, methods=["PUT"])])


def layer(lab: Starlette, most: int = 1_000) -> Visitors:
    return Visitors(lab, Limits(browser_upload_bytes=most))


def get(app: ASGIApp, path: str = "/", cookie: str = "", scheme: str = "http") -> Got:
    headers = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
    return asyncio.run(ask(app, path, headers, scheme=scheme))


def test_the_cookie_is_for_the_folder_the_lab_lies_in(lab: Starlette) -> None:
    for base, path in (("", "/"), ("/lab", "/lab")):
        got = get(Visitors(lab, base=base))
        assert SimpleCookie(got.headers["set-cookie"])[COOKIE]["path"] == path


def named(got: Got) -> str:
    """The name in the cookie that a browser was given."""
    return SimpleCookie(got.headers["set-cookie"])[COOKIE].value


def put(app: ASGIApp, size: int, cookie: str = "", length: str | None = None) -> Got:
    headers = {"content-length": str(size) if length is None else length}
    headers |= {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
    return asyncio.run(ask(app, UPLOAD, headers, "PUT", body=b"x" * size))


def test_a_browser_gets_its_cookie_with_its_first_page_and_keeps_it(lab: Starlette) -> None:
    app = layer(lab)
    assert "set-cookie" not in get(app, "/main.js").headers
    first = get(app)
    assert re.fullmatch("[0-9a-f]{32}", named(first))
    told = first.headers["set-cookie"]
    assert "HttpOnly" in told
    assert "SameSite=Lax" in told
    assert "Secure" not in told
    assert "set-cookie" not in get(app, cookie=named(first)).headers
    assert named(get(app)) != named(first), "another browser"


@pytest.mark.parametrize("forged", ["x", "f" * 31, "F" * 32, "a b", '"' * 40, "\x01", "f;f"])
def test_a_name_that_is_none_is_replaced(lab: Starlette, forged: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", named(get(layer(lab), cookie=forged)))


def test_a_cookie_is_for_https_only_where_that_is_spoken(lab: Starlette) -> None:
    assert "; Secure" in get(layer(lab), scheme="https").headers["set-cookie"]


def test_uploads_of_a_browser_are_bounded_however_many_tabs_hold_them(
    lab: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"tab": 0, "another": 0}
    monkeypatch.setattr(
        visitors, "held_upload_bytes", lambda tabs: sum(held.get(tab, 0) for tab in tabs)
    )
    monkeypatch.setattr(visitors, "TABS", tabs := Tabs())
    app = layer(lab)
    name = named(get(app))
    tabs.arrive("another", name)
    assert put(app, 900, name).body == b"900"
    assert put(app, 1_001, name).status == 413
    held["another"] = 600
    refused = put(app, 500, name)
    assert refused.status == 413
    assert b"close tabs" in refused.body
    assert put(app, 400, name).body == b"400"
    assert put(app, 900, named(get(app))).body == b"900", "another browser has its own share"
    # An upload that does not say how large it is cannot be bounded before it is read.
    for length in ("", "-1", "many", "\u0661"):
        assert put(app, 10, name, length.encode().decode("latin-1")).status == 411


def test_uploads_under_way_count() -> None:
    async def both() -> list[int]:
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            begun.set()
            await go_on.wait()
            await PlainTextResponse("")(scope, receive, send)

        app = Visitors(slow, Limits(browser_upload_bytes=1_000))
        headers = {"content-length": "600"}
        first = asyncio.create_task(ask(app, UPLOAD, headers, "PUT"))
        await begun.wait()
        second = await ask(app, UPLOAD, headers, "PUT")
        go_on.set()
        third = await first, await ask(app, UPLOAD, headers, "PUT")
        return [got.status for got in (third[0], second, third[1])]

    assert asyncio.run(both()) == [200, 413, 200]


def test_who_is_here_and_what_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    open_tabs = {"a1", "a2", "b1"}
    monkeypatch.setattr(visitors, "_is_open", open_tabs.__contains__)
    tabs = Tabs()
    for session, visitor in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        tabs.arrive(session, visitor)
    tabs.show("a1", "job")
    assert tabs.is_here("a")
    assert tabs.has_open("job")
    open_tabs.discard("a1")
    assert tabs.is_here("a"), "another tab of the browser is open"
    assert not tabs.has_open("job")
    open_tabs.discard("a2")
    assert not tabs.is_here("a")
    assert tabs.is_here("b")
    assert not tabs.is_here("nobody")


def test_what_is_remembered_of_tabs_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "_is_open", lambda _: True)
    tabs = Tabs()
    for number in range(KEPT_TABS + 1):
        tabs.arrive(str(number), f"visitor {number}")
        tabs.show(str(number), f"job {number}")
    assert not tabs.is_here("visitor 0")
    assert not tabs.has_open("job 0")
    for number in range(KEPT_NAMES + 1):
        tabs.show("5", f"new {number}")
    assert not tabs.has_open("new 0")
    assert tabs.has_open(f"new {KEPT_NAMES}")
