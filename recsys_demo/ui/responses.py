"""Whole answers of an ASGI application, for those who write into them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Scope, Send


@dataclass(frozen=True)
class WholeResponse:
    """A whole answer of the application."""

    status: int
    headers: Headers
    body: bytes

    async def send(self, send: Send) -> None:
        """Give it to the browser."""
        raw = self.headers.raw
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body})

    def with_body(self, body: bytes, headers: MutableHeaders) -> WholeResponse:
        """This one with another body."""
        headers["content-length"] = str(len(body))
        return WholeResponse(self.status, Headers(raw=headers.raw), body)


async def whole_response(app: ASGIApp, scope: Scope) -> WholeResponse:
    """What the application answers to a GET, once it is whole.

    The application does not learn when the browser goes: it would stop in the middle, and others
    wait for the same answer.
    """
    start: dict[str, Any] = {}
    parts: list[bytes] = []
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    # Without extensions a server's answer comes as bytes, not as the name of a file.
    await app({**scope, "extensions": {}}, receive, collect)
    return WholeResponse(start["status"], Headers(raw=start.get("headers", [])), b"".join(parts))
