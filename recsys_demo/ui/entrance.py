"""The way in: which server shows the pages, and under which address others find them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from streamlit import runtime
from streamlit.runtime import Runtime

from recsys_demo.folders import ROOT
from recsys_demo.ui.rooms import page_of

ADVICE = "Start the lab with: python -m recsys_demo serve"
LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Entrance:
    """How the running server can be reached: the address that was given, if any was; else the
    network's where others are let in and somebody browses it on the machine itself."""

    public_url: str = ""
    network_url: str = ""


_served: list[Entrance] = []


def set_entrance(served: Entrance) -> None:
    """Note that `serve` has done its checks."""
    _served[:] = [served]


def is_missing() -> bool:
    """Whether another server than that of `serve` shows this page: nobody was asked for a password
    there. Streamlit's tests of pages put another object in a server's place."""
    return runtime.exists() and type(runtime.get_instance()) is Runtime and not _served


def refuse() -> NoReturn:
    """End a server that was started in another way."""
    why = "streamlit run would leave out its password and its checks"
    sys.stderr.write(f'{ADVICE}, in the folder "{Path(ROOT)}" ({why}).\n')
    sys.exit(2)


def shared_address(browsed: str) -> str:
    """The address of the page that is browsed, as others can open it."""
    parts = urlsplit(browsed)
    served = _served[0] if _served else Entrance()
    base = served.public_url
    if not base and parts.hostname in LOCAL:
        base = served.network_url
    if not base:
        return f"{parts.scheme}://{parts.netloc}{parts.path}"
    page = parts.path.rpartition("/")[2]
    return f"{base}/" + (page if page_of(page) else "")
