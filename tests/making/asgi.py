"""Asking an ASGI application without a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Got:
    """What a browser got."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def ask(
    app: ASGIApp,
    path: str,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    went_away: bool = False,
    body: bytes = b"",
    query: bytes = b"",
    scheme: str = "http",
) -> Got:
    """One request; `went_away`: the browser has closed the connection meanwhile."""
    sent: list[Any] = []
    coming: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if coming and not went_away:
            return coming.pop()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "scheme": scheme,
        "path": path,
        "query_string": query,
        "headers": raw((headers or {}).items()),
        "extensions": {"http.response.pathsend": {}},
        "client": ("10.0.0.7", 1),
    }
    await app(scope, receive, send)
    told = {k.decode(): v.decode("latin-1") for k, v in sent[0]["headers"]}
    return Got(sent[0]["status"], told, b"".join(m.get("body", b"") for m in sent[1:]))


def raw(pairs: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.encode(), value.encode("latin-1")) for name, value in pairs]
