"""The server itself, started by the command `serve` once everything it needs is there."""

from __future__ import annotations

import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from streamlit.starlette import App

from recsys_demo.machine import trim_memory
from recsys_demo.ui.compression import Compression
from recsys_demo.ui.gate import Gate
from recsys_demo.ui.placeholder import Placeholder

TRIM_SECONDS = 20
# No welcome message of Streamlit's: to tell a server's addresses it asks the network for one.
QUIET = {"logger.hideWelcomeMessage": True, "server.headless": True}


def serve(app: Path, options: Mapping[str, Any], password: str | None, browser: str | None) -> None:
    """Serve `app` until stopped; `browser` is an address to open once it answers."""

    @asynccontextmanager
    async def started(_app: App) -> AsyncIterator[None]:
        threading.Thread(target=_warm, daemon=True).start()
        threading.Thread(target=_keep_slim, daemon=True).start()
        if browser is not None:
            threading.Timer(0.5, webbrowser.open, (browser,)).start()
        yield

    layers = [] if password is None else [Middleware(Gate, password=password)]
    layers += [Middleware(Placeholder), Middleware(Compression)]
    sys.argv = [str(app)]
    routes = [Route("/start", _to_start)]
    App(app, lifespan=started, routes=routes, middleware=layers).run(config={**options, **QUIET})


def _to_start(request: Request) -> RedirectResponse:
    """Every other room's address is its name; Streamlit gives the first page none. Relative, so
    that it leads to the same place behind a proxy with a folder of its own."""
    query = request.url.query
    return RedirectResponse("." + (f"?{query}" if query else ""))


def _keep_slim() -> None:
    """A click takes and frees megabytes in small pieces; what is left between them adds up."""
    while trim_memory():
        time.sleep(TRIM_SECONDS)


def _warm() -> None:
    """Start the workers now: the first visitor need not wait for them."""
    from recsys_demo.ui.jobs import lab_jobs

    lab_jobs()
