"""Who may use a server that others can reach, and which files they may name."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.cli import main, serve
from recsys_demo.errors import InputError
from recsys_demo.ui import attempts, gate
from recsys_demo.ui.gate import COOKIE, Gate
from tests.making import asgi

WORD = "open sesame ü"


async def behind(scope: Any, receive: Any, send: Any) -> None:
    """An app that greets whoever comes through."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"behind the gate"})


def ask(
    app: Gate, path: str = "/", cookie: str = "", form: bytes | None = None, query: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one request."""
    headers = {"cookie": cookie} if cookie else {}
    method = "GET" if form is None else "POST"
    got = asyncio.run(asgi.ask(app, path, headers, method, body=form or b"", query=query))
    return got.status, dict(got.headers), got.body


def connect(app: Gate, path: str, cookie: str = "") -> int:
    """101 for a websocket that is accepted, else the code it closes with."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    headers = asgi.raw({"cookie": cookie}.items()) if cookie else []
    asyncio.run(app({"type": "websocket", "path": path, "headers": headers}, receive, send))
    return 101 if sent[0]["type"] == "websocket.accept" else int(sent[0]["code"])


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Gate:
    async def at_once(seconds: float) -> None:
        del seconds

    monkeypatch.setattr(gate.asyncio, "sleep", at_once)
    return Gate(behind, WORD)


def given_word(word: str) -> bytes:
    return b"password=" + quote(word).encode()


def test_nobody_gets_anything_without_the_password(app: Gate) -> None:
    for path in ("/", "/train", "/_stcore/host-config", "/media/x.csv", "/_stcore/upload_file/a/b"):
        status, headers, body = ask(app, path)
        assert status == 401
        assert b"password" in body
        assert b"behind" not in body
        assert headers["cache-control"] == "no-store"
    assert connect(app, "/_stcore/stream") == 1008
    assert ask(app, "/_stcore/health")[2] == b"behind the gate"  # says only that it lives


def test_the_password_opens_everything_and_leads_where_the_link_led(app: Gate) -> None:
    status, headers, _ = ask(app, "/train", form=given_word(WORD), query=b"seed=3&models=wide")
    assert (status, headers["location"]) == (303, "/train?seed=3&models=wide")
    cookie, *attributes = headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(attributes)
    assert WORD not in cookie
    assert ask(app, "/train", cookie)[2] == b"behind the gate"
    assert connect(app, "/_stcore/stream", f"a=b; {cookie}") == 101
    # It holds after a restart, and not for another password.
    assert ask(Gate(behind, WORD), "/", cookie)[0] == 200
    assert ask(Gate(behind, "another one"), "/", cookie)[0] == 401


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "//evil.example/%2e"])
def test_no_way_in_leads_out(app: Gate, path: str) -> None:
    location = ask(app, path, form=given_word(WORD))[1]["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


CLOSED = Gate(behind, WORD)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_other_cookie_opens(cookie: str) -> None:
    app = CLOSED
    assert ask(app, cookie=cookie)[0] == 401
    assert ask(app, cookie=f"{COOKIE}={cookie}")[0] == 401
    assert connect(app, "/_stcore/stream", cookie) == 1008


@pytest.mark.parametrize(
    "form", [b"", b"password=", given_word(WORD[:-1]), b"x" * 10_000, b"&" * 50, b"\xff"]
)
def test_wrong_forms(app: Gate, form: bytes) -> None:
    status, headers, body = ask(app, form=form)
    assert status == 401
    assert "set-cookie" not in headers
    assert b"not the password" in body


async def guesses(app: Gate, many: int, cookie: str = "") -> list[asyncio.Task[asgi.Got]]:
    """So many wrong passwords under way at once."""
    headers = {"cookie": cookie} if cookie else {}
    tasks = [
        asyncio.create_task(asgi.ask(app, "/", headers, "POST", body=b"password=guess%d" % number))
        for number in range(many)
    ]
    await asyncio.sleep(0)
    return tasks


def paced(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(attempts, "SHORTEST", seconds)
    monkeypatch.setattr(attempts, "LONGEST", seconds)


def test_of_many_guesses_few_are_looked_at_and_the_right_password_gets_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """500 guesses in parallel of the address from which the right one comes then."""
    paced(monkeypatch, 0.2)
    app = Gate(behind, WORD)

    async def attack() -> tuple[int, list[int], asgi.Got]:
        under_way = await guesses(app, 500)
        right = await asgi.ask(app, "/train", method="POST", body=given_word(WORD))
        looked_at = sum(task.done() and task.result().status == 401 for task in under_way)
        told = [got.status for got in await asyncio.gather(*under_way)]
        return looked_at, told, right

    looked_at, told, right = asyncio.run(attack())
    assert right.status == 303
    assert looked_at <= 2 * attempts.AT_ONCE
    assert Counter(told) == {503: 500 - attempts.UNDER_WAY + 1, 401: attempts.UNDER_WAY - 1}


def test_a_browser_with_the_form_is_let_in_while_scripts_guess_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paced(monkeypatch, 60.0)  # no script gets a turn again while the test lasts
    app = Gate(behind, WORD)

    async def attack() -> asgi.Got:
        form = (await asgi.ask(app, "/")).headers["set-cookie"].split(";")[0]
        under_way = await guesses(app, 300)
        right = await asgi.ask(app, "/", {"cookie": form}, "POST", body=given_word(WORD))
        # Whoever has a form and uses it up is a script.
        under_way += await guesses(app, gate.TRIES, form)
        assert not any(task.done() and task.result().status == 401 for task in under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        return right

    assert asyncio.run(attack()).status == 303


def test_a_form_is_for_a_few_tries_and_nobody_can_write_one(app: Gate) -> None:
    form = ask(app)[1]["set-cookie"].split(";")[0]
    for _ in range(gate.TRIES):
        assert "set-cookie" not in ask(app, cookie=form)[1]
        assert ask(app, cookie=form, form=b"password=guess")[0] == 401
    assert "set-cookie" in ask(app, cookie=form)[1]  # a new one
    for made in ("", "0" * 96, form.split("=")[1][:-1] + "x"):
        assert "set-cookie" in ask(app, cookie=f"{gate.FORM_COOKIE}={made}")[1]


def test_what_is_sent_slowly_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "FORM_SECONDS", 0.1)
    app = Gate(behind, WORD)

    async def slow() -> asgi.Got:
        async def never() -> Any:
            await asyncio.Event().wait()

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "scheme": "http"}
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        slow = [asyncio.create_task(app(dict(scope), never, send)) for _ in range(50)]
        await asyncio.sleep(0)
        right = await asgi.ask(app, "/", method="POST", body=given_word(WORD))
        await asyncio.gather(*slow)
        assert [m["status"] for m in sent if "status" in m] == [503] * 50
        return right

    assert asyncio.run(slow()).status == 303


def test_the_more_are_wrong_the_longer_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def at_once(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(gate.asyncio, "sleep", at_once)
    app = Gate(behind, WORD)
    for _ in range(3 * attempts.MANY):
        assert ask(app, form=b"password=guess")[0] == 401
    assert slept == sorted(slept)
    assert slept[0] < 1.1 * attempts.SHORTEST
    assert slept[-1] == attempts.LONGEST
    assert ask(app, form=given_word(WORD))[0] == 303


@pytest.mark.parametrize(
    ("client", "known"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:10.0.0.7", "::ffff:10.0.0.7"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_one_network_is_one_person(client: str, known: str) -> None:
    assert ipaddress_of(attempts.network(client)) == ipaddress_of(known)


def ipaddress_of(text: str) -> object:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return text


def test_cookies_keep_to_https_and_to_the_labs_folder() -> None:
    app = Gate(behind, WORD, base="/lab")

    def attributes(scheme: str, framed: bool) -> set[str]:
        app = Gate(behind, WORD, base="/lab", framed=framed)
        got = asyncio.run(
            asgi.ask(app, "/lab/", method="POST", body=given_word(WORD), scheme=scheme)
        )
        return set(got.headers["set-cookie"].split("; ")[1:])

    assert {"Path=/lab", "SameSite=lax"} <= attributes("http", framed=False)
    assert "Secure" not in attributes("http", framed=True)
    assert {"Secure", "SameSite=lax"} <= attributes("https", framed=False)
    assert {"Secure", "SameSite=none"} <= attributes("https", framed=True)
    assert ask(app, "/lab/_stcore/health")[0] == 200
    assert ask(app, "/_stcore/health")[0] == 401


def test_others_are_let_in_only_with_a_password_or_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "lab"))
    for address in ("0.0.0.0", "::", "192.0.2.1"):
        assert main(["serve", "--address", address, "--port", "8719"]) == 2
        told = capsys.readouterr().err
        assert "--password-file" in told
        assert "--no-password" in told


@pytest.mark.parametrize(("text", "word"), [("open sesame\n", "open sesame"), ("a b c d \r\nx", 0)])
def test_the_password_comes_from_a_file(text: str, word: str | int, tmp_path: Path) -> None:
    file = tmp_path / "word"
    file.write_text(text, newline="")
    assert serve.password(file) == (word or "a b c d ")


@pytest.mark.parametrize("make", ["missing", "folder", "short", "binary"])
def test_unusable_passwords(make: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "word"
    if make == "folder":
        file.mkdir()
    elif make != "missing":
        file.write_bytes(b"short\n" if make == "short" else b"\xff\xfe" * 20)
    with pytest.raises(InputError):
        serve.password(file)
    monkeypatch.setenv(serve.PASSWORD, "short")
    with pytest.raises(InputError, match="at least 8"):
        serve.password(None)
    monkeypatch.delenv(serve.PASSWORD)
    assert serve.password(None) is None
