"""What a browser loads once is sent compressed.

Streamlit sends its own scripts as they are, to spare the processor: 8.5 MB for a first page. Thirty
tabs opened at once on one wireless network wait for that, so each file is compressed once here and
kept, for as long as the server runs. What they say of a server that does not answer is said in the
lab's words: Streamlit asks for the internet, or to start what is no command of the lab's.
"""

from __future__ import annotations

import asyncio
import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys_demo.ui.responses import WholeResponse, whole_response

SAID = {
    b"Streamlit server is not responding. Are you connected to the internet?": (
        b"The lab does not answer. This page goes on by itself once it is started again."
    ),
    b"Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your"
    b" terminal:": (
        b"The lab does not answer. This page goes on by itself once it is started again:"
    ),
    b"streamlit run yourscript.py": b"python -m recsys_demo serve",
}
SUFFIXES = (".js", ".css")
KEPT = 400  # files; Streamlit has fewer, but a path can be spelt in many ways
LEVEL = 6  # a fifth of a second for all that a first page needs; 9 saves nothing more


class Compression:
    """ASGI middleware: files that never change under their name are compressed once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, WholeResponse] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        if not _may_be_packed(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        # A class opens the page at once: one compresses, the others wait for it.
        lock = self._locks.setdefault(path, asyncio.Lock())
        try:
            async with lock:
                answer = self._kept.get(path) or await self._packed(path, scope)
        finally:
            self._locks.pop(path, None)
        await answer.send(send)

    async def _packed(self, path: str, scope: Scope) -> WholeResponse:
        answer = await whole_response(self._app, scope)
        if answer.status != 200 or "immutable" not in answer.headers.get("cache-control", ""):
            return answer
        if "content-encoding" in answer.headers:
            return answer
        headers = MutableHeaders(raw=list(answer.headers.raw))
        headers["content-encoding"] = "gzip"
        headers.add_vary_header("Accept-Encoding")
        if "etag" in headers:  # the same content, other bytes
            headers["etag"] = "W/" + headers["etag"].removeprefix("W/")
        body = answer.body
        for theirs, ours in SAID.items():
            body = body.replace(theirs, ours)
        body = await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0)
        packed = answer.with_body(body, headers)
        if len(self._kept) < KEPT:
            self._kept[path] = packed
        return packed


def _may_be_packed(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    headers = Headers(scope=scope)
    return (
        scope["path"].endswith(SUFFIXES)
        and "range" not in headers
        and "if-none-match" not in headers  # the browser has it: the answer is short
        and accepts_gzip(headers.get("accept-encoding", ""))
    )


def accepts_gzip(accepted: str) -> bool:
    """Whether an `Accept-Encoding` allows gzip (RFC 9110, 12.5.3)."""
    for offer in accepted.lower().split(","):
        name, _, weight = offer.partition(";")
        if name.strip() == "gzip":
            return re.fullmatch(r"\s*q=0(\.0*)?\s*", weight) is None
    return False
