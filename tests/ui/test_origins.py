"""Names and origins: what a page of another site can do with the lab."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from recsys_demo.ui.origins import Origins
from tests.making import asgi


async def behind(scope: Any, receive: Any, send: Any) -> None:
    """An app that says which origin it was told."""
    del receive
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    told = dict(scope["headers"]).get(b"origin", b"none")
    await send({"type": "http.response.body", "body": told})


def ask(app: Origins, host: str, origin: str | None = None) -> asgi.Got:
    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    return asyncio.run(asgi.ask(app, "/", headers))


LOCAL = Origins(behind, names=(), any_name=False, ancestors=())
NAMED = Origins(behind, names=("lab.example",), any_name=False, ancestors=())
OPEN = Origins(behind, names=(), any_name=True, ancestors=())


@pytest.mark.parametrize(
    ("app", "host", "origin"),
    [
        (LOCAL, "127.0.0.1:8501", None),
        (LOCAL, "localhost:8501", "http://localhost:8501"),
        (LOCAL, "[::1]:8501", "http://[::1]:8501"),
        (LOCAL, "LOCALHOST.:80", "http://localhost"),
        (NAMED, "lab.example", "https://lab.example"),
        (NAMED, "lab.example:443", "https://lab.example"),
        (NAMED, "127.0.0.1:8501", "https://lab.example"),  # the proxy does not keep the name
        (NAMED, "127.0.0.1:8501", "http://127.0.0.1:8501"),
        (OPEN, "10.0.0.7:8501", "http://10.0.0.7:8501"),
        (OPEN, "any.name", None),
    ],
)
def test_the_labs_own_pages_pass(app: Origins, host: str, origin: str | None) -> None:
    got = ask(app, host, origin)
    assert got.status == 200
    assert got.body == b"none"  # Streamlit would ask the network whose it is


@pytest.mark.parametrize(
    ("app", "host", "origin"),
    [
        (LOCAL, "stranger.invalid", None),
        (LOCAL, "127.0.0.1.stranger.invalid", None),
        (LOCAL, "stranger@127.0.0.1", None),
        (LOCAL, "127.0.0.1:port", None),
        (LOCAL, "", None),
        (LOCAL, "<script>", None),
        (LOCAL, "127.0.0.1:8501", "http://127.0.0.1:9999"),  # another server of this machine
        (LOCAL, "127.0.0.1:8501", "null"),
        (LOCAL, "127.0.0.1:8501", ""),
        (LOCAL, "127.0.0.1:8501", "http://stranger.invalid"),
        (NAMED, "stranger.invalid", "http://stranger.invalid"),
        (NAMED, "lab.example", "https://stranger.invalid"),
        (NAMED, "lab.example", "https://lab.example@stranger.invalid"),
        (NAMED, "lab.example", "https://lab.example.stranger.invalid"),
        (OPEN, "10.0.0.7:8501", "http://stranger.invalid"),
    ],
)
def test_a_stranger_gets_one_sentence(app: Origins, host: str, origin: str | None) -> None:
    got = ask(app, host, origin)
    assert got.status == 403
    told = got.body.decode()
    assert "serve --allow-host" in told
    assert "<script" not in told
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {"host": host} | ({} if origin is None else {"origin": origin})
    scope = {"type": "websocket", "path": "/", "headers": asgi.raw(headers.items())}
    asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_nobody_frames_the_lab_unless_it_is_said() -> None:
    for got in (ask(LOCAL, "localhost"), ask(LOCAL, "stranger.invalid")):
        assert got.headers["x-frame-options"] == "DENY"
        assert got.headers["content-security-policy"] == "frame-ancestors 'none'"
    school = Origins(behind, names=(), any_name=False, ancestors=("https://school.example",))
    headers = ask(school, "localhost").headers
    assert "x-frame-options" not in headers
    assert headers["content-security-policy"] == "frame-ancestors 'self' https://school.example"
