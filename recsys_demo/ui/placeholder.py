"""What stands in the tab until Streamlit's scripts are there.

Streamlit's own page is empty until then: a second on a fast machine, many on a slow network. The
room's heading stands where it will stand; React replaces it by the room.
"""

from __future__ import annotations

import html

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from recsys_demo.ui.responses import whole_response
from recsys_demo.ui.rooms import FIRST, NAME, Page, page_of

EMPTY = '<div id="root"></div>'
TITLE = "<title>Streamlit</title>"
# Streamlit goes on trying without a word where its WebSocket is refused.
NO_LINE = """<script>
setTimeout(() => {
  const connected = () => document.querySelector('[data-test-connection-state="CONNECTED"]');
  if (connected()) return;
  const line = new WebSocket(new URL('_stcore/stream', location.href.replace(/^http/, 'ws')),
    ['streamlit']);
  line.onopen = () => line.close();
  line.onerror = () => {
    const told = document.body.appendChild(document.createElement('p'));
    told.setAttribute('role', 'alert');
    told.style = 'position: fixed; inset: auto 0 0 0; z-index: 9999999; margin: 0; padding: 1rem;'
      + ' font: 17px system-ui; background: #b3261e; color: white';
    told.textContent = 'The page came, but its connection is refused. A proxy must pass WebSockets'
      + ' on, and the lab must know its name: python -m recsys_demo serve --allow-host '
      + location.hostname;
    const wait = setInterval(() => connected() && (told.remove(), clearInterval(wait)), 1000);
  };
}, 6000);
</script>"""
# Streamlit would first ask for its server below the room's own name.
BACKEND = """<script>
window.__streamlit = {BACKEND_BASE_URL: new URL('.', location.href).href};
</script>"""
# An answer to these would be "as you have it" or squeezed: neither can be written into.
_NOT_ASKED = (b"accept-encoding", b"if-none-match", b"if-modified-since")


class Placeholder:
    """ASGI middleware: Streamlit's page, with the room's heading in it from the start."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or connection."""
        page = self._page(scope)
        if page is None:
            await self._app(scope, receive, send)
            return
        headers = [pair for pair in scope["headers"] if pair[0] not in _NOT_ASKED]
        answer = await whole_response(self._app, {**scope, "headers": headers})
        if EMPTY.encode() in answer.body:
            # It depends on the lab's version too, which Streamlit's tag does not tell.
            told = MutableHeaders(raw=list(answer.headers.raw))
            del told["etag"], told["last-modified"]
            answer = answer.with_body(_written(answer.body, page, scope["path"]), told)
        await answer.send(send)

    def _page(self, scope: Scope) -> Page | None:
        """The room a browser opens, None if this is something else."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        if "text/html" not in Headers(scope=scope).get("accept", ""):
            return None
        return page_of(scope["path"].removeprefix(self._base).rpartition("/")[2] or FIRST)


def _written(body: bytes, page: Page, path: str) -> bytes:
    title = f"<title>{html.escape(f'{page.label} · {NAME}')}</title>"
    filled = EMPTY.replace("></", f">{_sight(page)}{'' if path.endswith('/') else BACKEND}</")
    return body.replace(EMPTY.encode(), filled.encode()).replace(TITLE.encode(), title.encode())


def _sight(page: Page) -> str:
    """Heading and a word of patience, where the frame draws them."""
    return f"""<style>
.first {{font: 15px "Source Sans", system-ui, sans-serif; position: fixed; inset: 0}}
.first {{{_paint("light")}}}
.first > div {{max-width: 1500px; margin: 0 auto; padding: 39px 15px; box-sizing: border-box}}
.first h3 {{font-size: 26.25px; font-weight: 600; line-height: 31.5px; margin: 0; padding: 13px 0}}
.first p {{opacity: .7; margin: .4rem 0}}
@media (max-width: 640px) {{
.first h3 {{font-size: 21px; line-height: 25.2px; margin: 9px 90px 0 0}}
}}
@media (min-width: 769px) {{
.first {{border-left: 281px solid var(--side)}}
.first > div {{padding: 39px 30px}}
}}
@media (prefers-color-scheme: dark) {{.first {{{_paint("dark")}}}}}
</style>
<div class="first"><div><h3>{html.escape(page.heading)}</h3>
<p role="status">Loading the lab. The first time this takes longest.</p></div></div>{NO_LINE}"""


def _paint(theme: str) -> str:
    ground, side, ink = (
        st.get_option(f"theme.{theme}.{name}")
        for name in ("backgroundColor", "secondaryBackgroundColor", "textColor")
    )
    return f"background: {ground}; color: {ink}; --side: {side}"
