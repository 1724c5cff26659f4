"""Files that never change are sent compressed, and nothing else is touched."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest
import streamlit
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from recsys_demo.ui import compression
from recsys_demo.ui.compression import Compression, accepts_gzip
from tests.making.asgi import ask, raw

SCRIPT = b"let a = 1;\n" * 5_000
FOR_EVER = {
    "content-type": "application/javascript",
    "cache-control": "public, immutable, max-age=31536000",
    "content-length": str(len(SCRIPT)),
    "etag": '"abc"',
}
STATIC = Path(streamlit.__file__).parent / "static"
BROWSER = {"accept-encoding": "gzip, deflate, br, zstd"}


class Files:
    """An application with one script, told of in different ways, and a note of who asked."""

    def __init__(self, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.headers = FOR_EVER if headers is None else headers
        self.status = status
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        await asyncio.sleep(0)
        raw_headers = raw(self.headers.items())
        await send({"type": "http.response.start", "status": self.status, "headers": raw_headers})
        for part in (SCRIPT[:100], SCRIPT[100:]):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def test_a_class_that_comes_at_once_gets_it_compressed_once() -> None:
    files = Files()
    app = Compression(files)

    async def come() -> None:
        first = await asyncio.gather(*(ask(app, "/static/js/a.js", BROWSER) for _ in range(30)))
        for got in (*first, await ask(app, "/static/js/a.js", BROWSER)):
            assert got.status == 200
            assert gzip.decompress(got.body) == SCRIPT
            assert got.headers == FOR_EVER | {
                "content-length": str(len(got.body)),
                "content-encoding": "gzip",
                "vary": "Accept-Encoding",
                "etag": 'W/"abc"',
            }

    asyncio.run(come())
    assert files.asked == ["/static/js/a.js"]


@pytest.mark.parametrize(
    ("path", "headers", "method"),
    [
        ("/static/js/a.js", {}, "GET"),
        ("/static/js/a.js", {"accept-encoding": "br"}, "GET"),
        ("/static/js/a.js", {"accept-encoding": "gzip;q=0"}, "GET"),
        ("/static/js/a.js", BROWSER | {"range": "bytes=0-10"}, "GET"),
        ("/static/js/a.js", BROWSER | {"if-none-match": '"abc"'}, "GET"),
        ("/static/js/a.js", BROWSER, "HEAD"),
        ("/static/media/font.woff2", BROWSER, "GET"),
        ("/media/abc.csv", BROWSER, "GET"),
    ],
)
def test_other_requests_go_through(path: str, headers: dict[str, str], method: str) -> None:
    files = Files()
    got = [asyncio.run(ask(Compression(files), path, headers, method)) for _ in range(2)]
    assert [(g.body, g.headers) for g in got] == [(SCRIPT, FOR_EVER)] * 2
    assert len(files.asked) == 2


@pytest.mark.parametrize(
    "files",
    [
        Files(FOR_EVER | {"cache-control": "no-cache"}),
        Files({}),
        Files(FOR_EVER | {"content-encoding": "br"}),
        Files(status=404),
    ],
)
def test_other_answers_stay_as_they_are_and_are_asked_for_again(files: Files) -> None:
    app = Compression(files)
    for _ in range(2):
        got = asyncio.run(ask(app, "/static/js/a.js", BROWSER))
        assert (got.status, got.body, got.headers) == (files.status, SCRIPT, files.headers)
    assert len(files.asked) == 2


def test_a_browser_that_goes_away_in_the_middle_spoils_nothing(tmp_path: Path) -> None:
    """Starlette stops reading a file once nobody waits for it: half of it must not be kept."""
    file = tmp_path / "a.js"
    file.write_bytes(SCRIPT * 20)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        await FileResponse(file, headers={"cache-control": "immutable"})(scope, receive, send)

    async def come() -> list[bytes]:
        cut = await ask(served, "/a.js", BROWSER, went_away=True)
        assert cut.body != file.read_bytes()  # else this test tests nothing
        app = Compression(served)
        left = await ask(app, "/static/js/a.js", BROWSER, went_away=True)
        return [left.body, (await ask(app, "/static/js/a.js", BROWSER)).body]

    assert [gzip.decompress(body) for body in asyncio.run(come())] == [file.read_bytes()] * 2


def test_no_more_is_kept_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "KEPT", 2)
    files = Files()
    app = Compression(files)
    spellings = [f"/static/{'./' * n}a.js" for n in range(4)]
    for path in spellings * 2:
        assert gzip.decompress(asyncio.run(ask(app, path, BROWSER)).body) == SCRIPT
    assert files.asked == [*spellings, *spellings[2:]]


@pytest.mark.parametrize(
    ("accepted", "may"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("br;q=1.0, gzip;q=0.001", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("", False),
        ("gzipped", False),
        ("identity", False),
    ],
)
def test_what_a_browser_takes(accepted: str, may: bool) -> None:
    assert accepts_gzip(accepted) is may


def test_streamlits_words_for_a_server_that_is_gone_are_the_labs() -> None:
    """They stand in the scripts of this Streamlit, and none of them in what a browser gets."""
    scripts = b"".join(file.read_bytes() for file in STATIC.rglob("*.js"))
    for theirs, ours in compression.SAID.items():
        assert theirs in scripts
        assert b"`" not in ours  # the quote around them there

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": raw(FOR_EVER.items())})
        await send({"type": "http.response.body", "body": b"|".join(compression.SAID)})

    got = asyncio.run(ask(Compression(told), "/static/js/a.js", BROWSER))
    assert gzip.decompress(got.body).split(b"|") == list(compression.SAID.values())
