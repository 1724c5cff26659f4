"""The server itself, started by the command `serve` once everything it needs is there."""

from __future__ import annotations

import os
import sys
import threading
import time
import webbrowser
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from streamlit.starlette import App

from recsys_demo.cli.server_settings import ServerAddress
from recsys_demo.errors import LabError
from recsys_demo.machine import trim_memory
from recsys_demo.ui.compression import Compression
from recsys_demo.ui.entrance import Entrance, set_entrance
from recsys_demo.ui.gate import Gate
from recsys_demo.ui.origins import Origins
from recsys_demo.ui.placeholder import Placeholder
from recsys_demo.ui.visitors import Visitors

TRIM_SECONDS = 20
END_SECONDS = 600


def serve(
    app: Path, options: Mapping[str, Any], reached: ServerAddress, browser: str | None
) -> None:
    """Serve `app` until stopped; `browser` is an address to open once it answers."""

    @asynccontextmanager
    async def started(_app: App) -> AsyncIterator[None]:
        threading.Thread(target=_warm, daemon=True).start()
        threading.Thread(target=_keep_slim, daemon=True).start()
        threading.Thread(target=_end_classes, daemon=True).start()
        if browser is not None:
            threading.Timer(0.5, webbrowser.open, (browser,)).start()
        yield

    settings = reached.settings
    # Whom uvicorn believes what it says of others: nobody, unless said.
    os.environ["FORWARDED_ALLOW_IPS"] = ",".join(settings.trust_proxy)
    set_entrance(Entrance(settings.public_url, reached.network_url))
    sys.argv = [str(app)]
    routes = [Route(f"{settings.base_path}/start", _to_start)]
    lab = App(app, lifespan=started, routes=routes, middleware=list(_layers(reached)))
    lab.run(config=options)


def _layers(reached: ServerAddress) -> Iterator[Middleware]:
    """What stands before Streamlit, outermost first."""
    settings = reached.settings
    any_name = not (reached.is_local or settings.hosts)
    ancestors = settings.frame_ancestors
    yield Middleware(Origins, names=settings.hosts, any_name=any_name, ancestors=ancestors)
    if reached.password is not None:
        word, base = reached.password, settings.base_path
        yield Middleware(Gate, password=word, base=base, framed=bool(ancestors))
    yield Middleware(Visitors, base=settings.base_path)
    yield Middleware(Placeholder, base=settings.base_path)
    yield Middleware(Compression)


def _to_start(request: Request) -> RedirectResponse:
    """Every other room's address is its name; Streamlit gives the first page none. Relative, so
    that it leads to the same place behind a proxy with a folder of its own."""
    query = request.url.query
    return RedirectResponse("." + (f"?{query}" if query else ""))


def _keep_slim() -> None:
    """A click takes and frees megabytes in small pieces; what is left between them adds up."""
    while trim_memory():
        time.sleep(TRIM_SECONDS)


def _end_classes() -> None:
    """Classes whose time is over are deleted, whether anybody opens a page or not."""
    from recsys_demo.ui.classroom.membership import delete_ended

    while True:
        with suppress(LabError):  # a page says it to somebody who can act
            delete_ended()
        time.sleep(END_SECONDS)


def _warm() -> None:
    """Start the workers now: the first visitor need not wait for them."""
    from recsys_demo.ui.jobs import lab_jobs

    lab_jobs()
