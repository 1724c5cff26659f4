"""A password before a server that others can reach: who does not know it gets a form, nothing else.

It stands before everything Streamlit answers, so pages, uploads and downloads are behind it too.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import math
import time
from collections import OrderedDict, deque
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "recsys_demo"
OPEN_PATHS = frozenset({"/_stcore/health"})
LONGEST_FORM = 4_096
# Guessing: so many wrong passwords of one address in so many seconds. A class may be one address.
WRONG, WINDOW_SECONDS = 60, 60.0
KEPT_ADDRESSES = 1_000


class Gate:
    """ASGI middleware: lets in whoever has given the password, and remembers it in a cookie."""

    def __init__(self, app: ASGIApp, password: str) -> None:
        self._app = app
        self._password = password.encode()
        # Derived, so that it holds after a restart; slow to compute, so that it hides the password.
        salt = b"recsys_demo gate"
        self._token = hashlib.scrypt(self._password, salt=salt, n=2**14, r=8, p=1).hex()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        if scope["type"] == "lifespan" or self._may_pass(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            response = await self._ask(scope, receive)
            await response(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        if scope["path"] in OPEN_PATHS:
            return True
        cookies = SimpleCookie()
        try:
            cookies.load(Headers(scope=scope).get("cookie", ""))
        except CookieError:
            return False
        given = cookies[COOKIE].value if COOKIE in cookies else ""
        return hmac.compare_digest(given.encode(), self._token.encode())

    async def _ask(self, scope: Scope, receive: Receive) -> Response:
        """The form; or, where it was filled in, the way in."""
        if scope["method"] != "POST":
            return _form("")
        address = (scope.get("client") or ("", 0))[0]
        if (seconds := self._must_wait(address)) > 0:
            told = f"Too many wrong passwords. Try again in {math.ceil(seconds)} seconds."
            return _form(told, status=429)
        given = await _given_password(receive)
        if not hmac.compare_digest(given, self._password):
            self._note_wrong(address)
            await asyncio.sleep(0.5)
            return _form("That is not the password of this lab.")
        # To the same address, so that a lesson's link leads where it should; never elsewhere.
        target = scope["path"].lstrip("/\\")
        query = scope["query_string"].decode("latin-1")
        response = RedirectResponse(f"/{target}" + (f"?{query}" if query else ""), status_code=303)
        response.set_cookie(
            COOKIE,
            self._token,
            max_age=7 * 86_400,
            httponly=True,
            samesite="lax",
            secure=scope["scheme"] == "https",
        )
        return response

    def _must_wait(self, address: str) -> float:
        times = self._wrong.get(address, deque())
        now = time.monotonic()
        while times and now - times[0] > WINDOW_SECONDS:
            times.popleft()
        return WINDOW_SECONDS - (now - times[0]) if len(times) >= WRONG else 0.0

    def _note_wrong(self, address: str) -> None:
        self._wrong.setdefault(address, deque()).append(time.monotonic())
        self._wrong.move_to_end(address)
        while len(self._wrong) > KEPT_ADDRESSES:
            self._wrong.popitem(last=False)


async def _given_password(receive: Receive) -> bytes:
    """What stands in the form; empty for what is none."""
    body = b""
    while True:
        message: Message = await receive()
        body += message.get("body", b"")
        if len(body) > LONGEST_FORM or message["type"] == "http.disconnect":
            return b""
        if not message.get("more_body", False):
            break
    fields = parse_qs(body.decode("utf-8", errors="replace"))
    return str(fields.get("password", [""])[0]).encode()


def _form(message: str, status: int = 401) -> Response:
    told = f'<p role="alert">{html.escape(message)}</p>' if message else ""
    return HTMLResponse(
        f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Recommender lab</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{color-scheme: light dark}}
body {{font: 17px system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh}}
form {{display: grid; gap: .7rem; width: min(20rem, 86vw)}}
input, button {{font: inherit; padding: .5rem .7rem; border-radius: 8px; border: 1px solid gray}}
button {{background: #1864E9; color: white; border-color: #1864E9; cursor: pointer}}
[role=alert] {{margin: 0; color: light-dark(#b3261e, #ff8a80)}}
</style></head><body>
<form method="post"><strong>Recommender lab</strong>
<label for="password">The password your teacher gave you</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
 autofocus>
{told}<button>Enter</button></form>
</body></html>""",
        status_code=status,
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "X-Frame-Options": "DENY",
        },
    )
