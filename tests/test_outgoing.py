"""A lab that runs asks nobody but itself, and answers no others: its server and its workers, with
every room opened.

Two watchers: Python's own audit of every process says which addresses were asked for, whoever asked
and however shortly; the system's list of connections holds what was opened past Python.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.ui.state import State, encode
from tests.making.servers import Server, start_server, stop_server
from tests.making.visitor import AGAIN, ROOMS, TRAIN, Visitor

WORLD = WorldConfig(users=200, apps=50, impressions=5_000, exceptions=30)
SMALL = State(data=SampleSpec(world=WORLD), training=TrainingConfig(epochs=2, batch_size=256))
PATIENCE = 120.0
AUDIT = """
import json, os, sys
def note(event, arguments):
    if event in ("socket.bind", "socket.connect", "socket.sendto", "socket.sendmsg"):
        asked = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        asked = [arguments[0]]
    else:
        return
    if isinstance(asked, (tuple, list)):  # else a name in the file system, or no address
        line = json.dumps([event, str(asked[0]), sys.argv[:3]]) + chr(10)
        file = os.open({file!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, line.encode())
        os.close(file)
sys.addaudithook(note)
"""


def audited(folder: Path) -> tuple[dict[str, str], Path]:
    """What to set for processes to be audited, and the file in which it is written down."""
    file = folder / "asked.jsonl"
    (folder / "sitecustomize.py").write_text(AUDIT.format(file=str(file)))
    return {"PYTHONPATH": str(folder)}, file


def strangers(hosts: Iterable[str]) -> set[str]:
    """Those that are not this machine."""
    return {host for host in hosts if not is_here(host)}


def is_here(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    return host in ("localhost", "None", "")


def connected(server: psutil.Process) -> set[str]:
    """Whom the server and all processes below it are connected to at this moment."""
    found = set()
    for process in (server, *server.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found |= {c.raddr.ip for c in process.net_connections("inet") if c.raddr}
    return found


async def _stay(address: str, server: psutil.Process) -> set[str]:
    """Train, open every room, and watch meanwhile; whom the lab was connected to."""
    found: set[str] = set()

    async def watch() -> None:
        while True:
            found.update(connected(server))
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    async with Visitor(address, 0, urlencode(encode(SMALL))) as visitor:
        await visitor.open()
        await visitor.press(TRAIN)
        deadline = time.monotonic() + PATIENCE
        while ("button", AGAIN) not in visitor.seen.controls and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        assert ("button", AGAIN) in visitor.seen.controls
        for room in ROOMS:
            await visitor.open(room)
        assert visitor.seen.exceptions == 0
    watching.cancel()
    return found


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server, and the file in which is written whom it and its workers asked."""
    folder = tmp_path_factory.mktemp("audited")
    environment, file = audited(folder)
    server = start_server(folder / "lab", RECSYS_DEMO_WORKERS="1", **environment)
    yield server, file
    stop_server(server)


def test_a_running_lab_connects_to_nobody(lab: tuple[Server, Path]) -> None:
    server, file = lab
    found = asyncio.run(_stay(server.address, psutil.Process(server.process.pid)))
    asked = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line for line in asked if not is_here(line[1])] == []
    assert strangers(found) == set()
    # Both watchers see what there is: the server's port, and the visitor of this test.
    assert ["socket.bind", "127.0.0.1"] in [line[:2] for line in asked]
    assert "127.0.0.1" in found


def test_a_running_lab_keeps_to_this_machine(lab: tuple[Server, Path]) -> None:
    """What a page of the web could try: another origin, or a name that leads to this machine."""
    server, _ = lab
    stream = server.address.replace("http", "ws") + "/_stcore/stream"
    told = {
        case: answer(stream, **headers)
        for case, headers in {
            "itself": {},
            "another origin": {"origin": "http://stranger.invalid"},
            "another name": {"host": "stranger.invalid", "origin": "http://stranger.invalid"},
            "another name alone": {"host": "stranger.invalid"},
        }.items()
    }
    assert told.pop("itself") == 101
    assert set(told.values()) == {403}
    process = psutil.Process(server.process.pid)
    listens = {c.laddr.ip for c in process.net_connections() if c.status == "LISTEN"}
    assert listens == {"127.0.0.1"}


def answer(address: str, **headers: str) -> int:
    """The status a websocket's first request gets."""
    there = urlsplit(address)
    lines = {
        "Host": there.netloc,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    } | {name.capitalize(): value for name, value in headers.items()}
    with socket.create_connection((there.hostname, there.port), timeout=30) as line:
        asked = f"GET {there.path} HTTP/1.1\r\n"
        asked += "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        line.sendall((asked + "\r\n").encode())
        return int(line.recv(100).split()[1])


REFUSING = """
import socket, sys
def refuse(event, arguments):
    if event.startswith("socket.") and "192.0.2.1" in str(arguments):
        raise OSError  # before anything leaves this machine
sys.addaudithook(refuse)
try:
    {asks}
except OSError:
    pass
"""


@pytest.mark.parametrize(
    "asks", ["socket.socket().connect(('192.0.2.1', 9))", "socket.getaddrinfo('192.0.2.1', 9)"]
)
def test_the_audit_notes_who_is_asked(asks: str, tmp_path: Path) -> None:
    environment, file = audited(tmp_path)
    code = [sys.executable, "-c", REFUSING.format(asks=asks)]
    subprocess.run(code, env={**os.environ, **environment}, check=True)
    told = {json.loads(line)[1] for line in file.read_text().splitlines()}
    assert told == strangers(told) == {"192.0.2.1"}
