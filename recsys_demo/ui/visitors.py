"""Whose browser it is: a cookie, so that all tabs of a browser are one visitor with one share."""

from __future__ import annotations

import re
import secrets
import threading
from collections import Counter, OrderedDict
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime

from recsys_demo.limits import Limits
from recsys_demo.ui.session import session_id
from recsys_demo.ui.streamlit_internals import held_upload_bytes

COOKIE = "recsys_demo_browser"
COOKIE_SECONDS = 30 * 86_400
_NAME = re.compile(r"[0-9a-f]{32}")
_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+$")
# What is remembered: tabs, and of each what it showed last.
KEPT_TABS, KEPT_NAMES = 2_000, 100


class Tabs:
    """The tabs of all browsers: whose they are and what they show. Implements `jobs.People`."""

    def __init__(self) -> None:
        self._visitors: OrderedDict[str, str] = OrderedDict()
        self._shown: dict[str, OrderedDict[str, None]] = {}
        self._lock = threading.Lock()

    def arrive(self, session: str, visitor: str) -> None:
        """A tab of this visitor is open."""
        with self._lock:
            self._visitors[session] = visitor
            self._visitors.move_to_end(session)
            while len(self._visitors) > KEPT_TABS:
                self._shown.pop(self._visitors.popitem(last=False)[0], None)

    def show(self, session: str, name: str) -> None:
        """The tab shows the job or upload of this name."""
        with self._lock:
            shown = self._shown.setdefault(session, OrderedDict())
            shown[name] = None
            shown.move_to_end(name)
            while len(shown) > KEPT_NAMES:
                shown.popitem(last=False)

    def of_visitor(self, visitor: str) -> list[str]:
        """Sessions of this visitor's tabs, open or not."""
        with self._lock:
            return [session for session, whose in self._visitors.items() if whose == visitor]

    def is_here(self, visitor: str) -> bool:
        """Whether a tab of this visitor's browser is open."""
        return any(map(_is_open, self.of_visitor(visitor)))

    def has_open(self, name: str) -> bool:
        """Whether an open tab shows the job or upload of this name."""
        with self._lock:
            sessions = [session for session, shown in self._shown.items() if name in shown]
        return any(map(_is_open, sessions))


TABS = Tabs()


def visitor() -> str:
    """The name of the browser that runs this page; the tab's own where it takes no cookies, or
    where the lab was started without its own server. Notes that the tab is here."""
    session = session_id()
    given = str(st.context.cookies.get(COOKIE, ""))
    name = given if _NAME.fullmatch(given) else session
    TABS.arrive(session, name)
    return name


def show(name: str) -> None:
    """Note that this tab shows the job or upload of this name."""
    TABS.show(session_id(), name)


def _is_open(session: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


class Visitors:
    """ASGI middleware: gives every browser its cookie, and bounds what its uploads hold in memory.

    Must stand before whatever keeps answers, or a browser would be given another's cookie.
    """

    def __init__(self, app: ASGIApp, limits: Limits | None = None, base: str = "") -> None:
        self._app = app
        self._path = base or "/"
        self._limit = (limits or Limits.from_environment()).browser_upload_bytes
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "PUT" and (found := _UPLOAD.search(scope["path"])):
            await self._upload(found[1], scope, receive, send)
        else:
            named = send if _name_of(scope) else _naming(scope, send, self._path)
            await self._app(scope, receive, named)

    async def _upload(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        name = _name_of(scope) or session
        given = Headers(scope=scope).get("content-length", "")
        if not given.isascii() or not given.isdecimal():
            await _refusal("An upload must say how large it is.", 411)(scope, receive, send)
            return
        held = held_upload_bytes({session, *TABS.of_visitor(name)}) + self._under_way[name]
        if held + int(given) > self._limit:
            told = (
                f"This browser's uploads would take more than {self._limit / 1e6:,.0f} MB. Remove "
                "some of them or close tabs that hold them, then upload again."
            )
            await _refusal(told, 413)(scope, receive, send)
            return
        self._under_way[name] += int(given)
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[name] -= int(given)
            self._under_way += Counter()  # drops those with nothing under way


def _refusal(text: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(text, status_code=status)


def _name_of(scope: Scope) -> str | None:
    cookies = SimpleCookie()
    try:
        cookies.load(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return None
    given = cookies[COOKIE].value if COOKIE in cookies else ""
    return given if _NAME.fullmatch(given) else None


def _naming(scope: Scope, send: Send, path: str) -> Send:
    """Give the browser its cookie, for this folder of the address, with a page that it opens."""

    async def named(message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            secure = "; Secure" if scope["scheme"] == "https" else ""
            MutableHeaders(scope=message).append(
                "set-cookie",
                f"{COOKIE}={secrets.token_hex(16)}; Max-Age={COOKIE_SECONDS}; Path={path}; "
                f"HttpOnly; SameSite=Lax{secure}",
            )
        await send(message)

    return named


def _is_page(message: Message) -> bool:
    return "text/html" in Headers(raw=message["headers"]).get("content-type", "")
