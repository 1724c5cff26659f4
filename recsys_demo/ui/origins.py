"""Which names the lab answers to, and what pages of other sites may do with it: nothing.

A page of the web could reach a lab on this machine under a name of its own, open its WebSocket from
its own origin, or show it in a frame and have people press buttons they do not see.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL = ("127.0.0.1", "localhost", "::1")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class Origins:
    """ASGI middleware: refuses names and origins that are not the lab's.

    `names`: what the lab is called besides; `any_name`: it answers to every name, as a server that
    a whole network may open. `ancestors`: sites that may hold it in a frame.
    """

    def __init__(
        self, app: ASGIApp, names: Sequence[str], any_name: bool, ancestors: Sequence[str]
    ) -> None:
        self._app = app
        self._names = frozenset(names)
        self._any_name = any_name
        self._ancestors = tuple(ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._refused(Headers(scope=scope))
        if refused is None:
            # Streamlit would ask the network for this machine's addresses to judge an origin.
            headers = [pair for pair in scope["headers"] if pair[0] != b"origin"]
            await self._app({**scope, "headers": headers}, receive, self._guarded(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refused(scope, receive, self._guarded(send))

    def _refused(self, headers: Headers) -> Response | None:
        """What to answer to a stranger's name or page; None for our own."""
        host, origin = headers.get("host", ""), headers.get("origin")
        name = _parts(f"//{host}", "")[0]
        if name == "" or not (self._any_name or name in LOCAL or name in self._names):
            return _text_response(
                f"This lab does not answer to the name {name or 'it was called by'}. Whoever runs "
                f"it can allow that: python -m recsys_demo serve --allow-host {name or 'NAME'}"
            )
        if origin is None or self._is_ours(origin, host):
            return None
        return _text_response(
            "A page of another site asked for this. If it is the lab itself behind a proxy: "
            "python -m recsys_demo serve --allow-host NAME, NAME being what browsers call it."
        )

    def _is_ours(self, origin: str, host: str) -> bool:
        """Whether a page of this origin is the lab itself: it has the name it was asked by, or,
        where a proxy does not pass that on, one that was allowed."""
        scheme = origin.partition(":")[0]
        asked = _parts(origin, scheme)
        return asked[0] != "" and (asked == _parts(f"//{host}", scheme) or asked[0] in self._names)

    def _guarded(self, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                allowed = " ".join(("'self'", *self._ancestors)) if self._ancestors else "'none'"
                headers.append("content-security-policy", f"frame-ancestors {allowed}")
                if not self._ancestors:
                    headers["x-frame-options"] = "DENY"
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "same-origin"
            await send(message)

        return guarded


def _parts(address: str, scheme: str) -> tuple[str, int | None]:
    """Name and port, the usual one if none is said; no name for what is no address."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "", None
    if parts.username is not None or parts.password is not None:
        return "", None
    name = (parts.hostname or "").rstrip(".")
    return name, port or _DEFAULT_PORTS.get(scheme)


def _text_response(sentence: str) -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Recommender lab</title>'
        '<body style="font: 17px system-ui, sans-serif; margin: 3rem">'
        f"<p>{html.escape(sentence)}</p></body></html>",
        status_code=403,
        headers={"Cache-Control": "no-store"},
    )
