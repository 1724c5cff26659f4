"""The server itself, started by the command `serve` once everything it needs is there."""

from __future__ import annotations

import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from streamlit.starlette import App

from recsys_demo.ui.gate import Gate

# No welcome message of Streamlit's: to tell a server's addresses it asks the network for one.
QUIET = {"logger.hideWelcomeMessage": True, "server.headless": True}


def serve(app: Path, options: Mapping[str, Any], password: str | None, browser: str | None) -> None:
    """Serve `app` until stopped; `browser` is an address to open once it answers."""

    @asynccontextmanager
    async def started(_app: App) -> AsyncIterator[None]:
        threading.Thread(target=_warm, daemon=True).start()
        if browser is not None:
            threading.Timer(0.5, webbrowser.open, (browser,)).start()
        yield

    gate = [] if password is None else [Middleware(Gate, password=password)]
    sys.argv = [str(app)]
    App(app, lifespan=started, middleware=gate).run(config={**options, **QUIET})


def _warm() -> None:
    """Start the workers now: the first visitor need not wait for them."""
    from recsys_demo.ui.engine import engine

    engine()
