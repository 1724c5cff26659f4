"""A password before a server that others can reach: who does not know it gets a form, nothing else.

It stands before everything Streamlit answers, so pages, uploads and downloads are behind it too.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import secrets
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recsys_demo.ui.attempts import Attempts, keep_waiting

COOKIE = "recsys_demo"
# Says that this browser was shown the form; made for a number of tries.
FORM_COOKIE, TRIES = "recsys_demo_form", 5
KEPT_FORMS = 10_000
HEALTH = "/_stcore/health"
LONGEST_FORM, FORM_SECONDS = 4_096, 5.0


class Gate:
    """ASGI middleware: lets in whoever has given the password, and remembers it in a cookie.

    `base` is the path the lab lies at ("" or "/lab"). `framed`: pages of others may hold the lab in
    a frame, where browsers send only cookies that are marked for it.
    """

    def __init__(self, app: ASGIApp, password: str, base: str = "", framed: bool = False) -> None:
        self._app = app
        self._password = password.encode()
        # Derived, so that it holds after a restart; slow to compute, so that it hides the password.
        salt = b"recsys_demo gate"
        key = hashlib.scrypt(self._password, salt=salt, n=2**14, r=8, p=1)
        self._token = key.hex()
        self._form_key = hmac.digest(key, b"form", "sha256")
        self._tries: OrderedDict[str, int] = OrderedDict()
        self._attempts = Attempts()
        self._base = base
        self._framed = framed

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
        if scope["path"] == self._base + HEALTH:
            return True
        given = _cookie(scope, COOKIE)
        return hmac.compare_digest(given.encode(), self._token.encode())

    async def _ask(self, scope: Scope, receive: Receive) -> Response:
        """The form; or, where it was filled in, the way in."""
        if scope["method"] != "POST":
            return self._form(scope)
        client = (scope.get("client") or ("", 0))[0]
        told, status = "Too many tries at once. Try again.", 503
        try:
            async with self._attempts.attempt(client) as address:
                given = await _given_password(receive)
                form = self._form_of(scope)
                async with self._attempts.turn(address, in_browser=form != ""):
                    if hmac.compare_digest(given, self._password):
                        return self._way_in(scope)
                    self._tries[form] = self._tries.get(form, 0) + 1
                    self._tries.move_to_end(form)
                    await keep_waiting(address)
                    told, status = "That is not the password of this lab.", 401
        except TimeoutError:
            pass
        return _form(told, status)

    def _way_in(self, scope: Scope) -> Response:
        # To the same address, so that a lesson's link leads where it should; never elsewhere.
        target = scope["path"].lstrip("/\\")
        query = scope["query_string"].decode("latin-1")
        response = RedirectResponse(f"/{target}" + (f"?{query}" if query else ""), status_code=303)
        self._remember(scope, response, COOKIE, self._token, 7 * 86_400)
        return response

    def _form(self, scope: Scope) -> Response:
        response = _form("", 401)
        if self._form_of(scope) == "":
            form = secrets.token_hex(16)
            self._remember(scope, response, FORM_COOKIE, form + self._signed(form), 3_600)
        return response

    def _form_of(self, scope: Scope) -> str:
        """The name of the form this browser was shown; empty if it was not, or used it up."""
        given = _cookie(scope, FORM_COOKIE)
        form, signature = given[:32], given[32:]
        if not hmac.compare_digest(signature.encode(), self._signed(form).encode()):
            return ""
        while len(self._tries) > KEPT_FORMS:
            self._tries.popitem(last=False)
        return form if self._tries.get(form, 0) < TRIES else ""

    def _signed(self, form: str) -> str:
        return hmac.new(self._form_key, form.encode(), "sha256").hexdigest()

    def _remember(
        self, scope: Scope, response: Response, name: str, value: str, seconds: int
    ) -> None:
        secure = scope["scheme"] == "https"
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self._base or "/",
            httponly=True,
            samesite="none" if self._framed and secure else "lax",
            secure=secure,
        )


def _cookie(scope: Scope, name: str) -> str:
    """What a cookie holds; empty if it is not there."""
    cookies = SimpleCookie()
    try:
        cookies.load(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""


async def _given_password(receive: Receive) -> bytes:
    """What stands in the form; empty for what is none."""
    body = b""
    async with asyncio.timeout(FORM_SECONDS):
        while True:
            message: Message = await receive()
            body += message.get("body", b"")
            if len(body) > LONGEST_FORM or message["type"] == "http.disconnect":
                return b""
            if not message.get("more_body", False):
                break
    fields = parse_qs(body.decode("utf-8", errors="replace"))
    return str(fields.get("password", [""])[0]).encode()


def _form(message: str, status: int) -> Response:
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
button {{background: #334155; color: white; border-color: #334155; cursor: pointer}}
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
        },
    )
