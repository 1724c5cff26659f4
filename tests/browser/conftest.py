"""One server and one Chromium for all browser tests of a test process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import chromium
from tests.making.driving import LAPTOP, Tab, new_tab

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A lab that runs, and the folder in which it keeps jobs and runs."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]


def start_server(home: Path, **environment: str) -> Server:
    """`python -m recsys_demo serve` on a free port; whoever starts it ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "recsys_demo", "serve", "--port", str(port)],
        cwd=ROOT,
        env={
            **os.environ,
            "RECSYS_DEMO_HOME": str(home),
            "RECSYS_DEMO_WORKERS": "2",
            **environment,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return Server(address, home, process)
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError("the lab's server did not start")


def stop_server(server: Server) -> None:
    """End it, at once if it does not want to."""
    server.process.terminate()
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A lab shared by the tests of this process: what one test trained, the next finds."""
    running = start_server(tmp_path_factory.mktemp("lab"))
    yield running
    stop_server(running)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium without a window. It ends with this package: as long as it is there, its event
    loop runs in the main thread, and other tests need their own."""
    with sync_playwright() as playwright:
        path = chromium.find()
        assert path is not None, chromium.ADVICE
        shown = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-quic",
                # No network: a name that is not this machine's is never found.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield shown
        shown.close()


OpenTab = Callable[..., Tab]


@pytest.fixture
def open_tab(server: Server, browser: Browser) -> Iterator[OpenTab]:
    """Makes tabs with profiles of their own; checks each at the end."""
    tabs: list[Tab] = []

    def make(size: tuple[int, int] = LAPTOP, scheme: str = "light") -> Tab:
        tabs.append(new_tab(browser, server.address, size, scheme))
        return tabs[-1]

    yield make
    try:
        for tab in tabs:
            tab.tests_out_well()
    finally:
        for tab in tabs:
            tab.context.close()


@pytest.fixture
def tab(open_tab: OpenTab) -> Tab:
    """One tab at laptop size."""
    return open_tab()
