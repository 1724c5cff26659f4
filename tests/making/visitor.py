"""A browser's worth of session without a browser: speaks Streamlit's websocket protocol.

It does what the page's script in a browser does with the server: opens pages, clicks, keeps the
link, lets fragments tick at the interval the server asks for, and reads all that is sent.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState, FileURLs, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from recsys_demo.ui.rooms import PAGES

PATIENCE = 120.0
TRAIN, AGAIN = "Train four models", "Retrain with a new seed"
ROOMS = ["" if page.key == "start" else page.key for page in PAGES]
# In a lesson's text, so that it is shown on every page of the visitor who has it, and nowhere else.
MARK = re.compile(rb"mark-of-visitor-(\d+)-")
# How many have answered, on the page of whoever leads a class.
ANSWERED = re.compile(rb"\*\*(\d+) of \d+ have answered")


@dataclass
class Seen:
    """What the server has sent to a visitor."""

    links: dict[str, str] = field(default_factory=dict)  # page name: its hash
    controls: dict[tuple[str, str], str] = field(default_factory=dict)  # (kind, label): id
    marks: set[int] = field(default_factory=set)
    session: str = ""  # its name at the server
    answered: list[tuple[float, int]] = field(default_factory=list)  # when, how many
    exceptions: int = 0
    received: int = 0  # bytes


class Visitor:
    """One tab. Use it as an async context manager."""

    def __init__(self, address: str, number: int, link: str) -> None:
        self._site = address
        self._address = address.replace("http", "ws") + "/_stcore/stream"
        self.number = number
        self.link = link
        self.page = ""
        self.seen = Seen()
        self._values: dict[str, bool] = {}
        self._files: dict[str, FileUploaderState] = {}
        self._ticks: dict[str, asyncio.Task[None]] = {}
        self._finished = asyncio.Event()
        self._urls: asyncio.Future[FileURLs]
        self._busy = False

    async def __aenter__(self) -> Visitor:
        self._socket: ClientConnection = await connect(
            self._address, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *error: object) -> None:
        for tick in self._ticks.values():
            tick.cancel()
        await self._socket.close()
        with suppress(asyncio.CancelledError, ConnectionClosed):
            await self._reader

    async def open(self, page: str = "") -> float:
        """Open a page by its name in the address; seconds until all of it was there."""
        for tick in self._ticks.values():
            tick.cancel()
        self._ticks.clear()
        self._values.clear()
        self._files.clear()
        self.page = page
        return await self._run({})

    async def toggle(self, label: str) -> float:
        """Flip a switch; seconds until the page was whole again."""
        name = self.seen.controls["checkbox", label]
        self._values[name] = not self._values.get(name, False)
        return await self._run({})

    async def press(self, label: str) -> float:
        """Press a button; seconds until the page was whole again."""
        return await self._run({self.seen.controls["button", label]: True})

    async def give(self, name: str, content: bytes) -> float:
        """Give a file to the page's first uploader; seconds from then until the page was whole."""
        uploader = next(i for (kind, _), i in self.seen.controls.items() if kind == "file_uploader")
        message = BackMsg()
        asked = message.file_urls_request
        asked.request_id, asked.session_id = "1", self.seen.session
        asked.file_names.append(name)
        self._urls = asyncio.get_running_loop().create_future()
        await self._socket.send(message.SerializeToString())
        urls = await asyncio.wait_for(self._urls, PATIENCE)
        await asyncio.to_thread(_put, self._site + urls.upload_url, name, content)
        given = UploadedFileInfo(name=name, size=len(content), file_id=urls.file_id, file_urls=urls)
        self._files = {uploader: FileUploaderState(uploaded_file_info=[given])}
        return await self._run({})

    async def _run(self, pressed: dict[str, bool]) -> float:
        self._finished.clear()
        self._busy = True
        self.seen.controls.clear()
        start = time.perf_counter()
        try:
            await self._socket.send(self._message(pressed).SerializeToString())
            await asyncio.wait_for(self._finished.wait(), PATIENCE)
        finally:
            self._busy = False
        return time.perf_counter() - start

    def _message(self, pressed: dict[str, bool]) -> BackMsg:
        message = BackMsg()
        client = message.rerun_script
        client.query_string = self.link
        if self.page in self.seen.links:
            client.page_script_hash = self.seen.links[self.page]
        else:
            client.page_name = self.page
        for name, value in self._values.items():
            client.widget_states.widgets.add(id=name, bool_value=value)
        for name, files in self._files.items():
            client.widget_states.widgets.add(id=name, file_uploader_state_value=files)
        for name in pressed:
            client.widget_states.widgets.add(id=name, trigger_value=True)
        return message

    async def _read(self) -> None:
        with suppress(ConnectionClosed):
            async for data in self._socket:
                assert isinstance(data, bytes)
                self.seen.received += len(data)
                self.seen.marks |= {int(mark) for mark in MARK.findall(data)}
                now = time.perf_counter()
                self.seen.answered += [(now, int(n)) for n in ANSWERED.findall(data)]
                self._take(ForwardMsg.FromString(data))

    def _take(self, message: Any) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                pages = message.new_session.app_pages
                self.seen.session = message.new_session.initialize.session_id
                self.seen.links = {p.url_pathname: p.page_script_hash for p in pages}
            case "page_info_changed":
                self.link = message.page_info_changed.query_string
            case "delta":
                self._note(message.delta.new_element)
            case "auto_rerun":
                self._tick(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "file_urls_response":
                self._urls.set_result(message.file_urls_response.file_urls[0])
            case "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self._finished.set()

    def _note(self, element: Any) -> None:
        match element.WhichOneof("type"):
            case "checkbox" | "button" | "file_uploader" as kind:
                control = getattr(element, kind)
                self.seen.controls[kind, control.label] = control.id
            case "exception":
                self.seen.exceptions += 1

    def _tick(self, fragment: str, interval: float) -> None:
        if fragment in self._ticks:
            self._ticks[fragment].cancel()
        self._ticks[fragment] = asyncio.create_task(self._ticking(fragment, interval))

    async def _ticking(self, fragment: str, interval: float) -> None:
        with suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(interval)
                if not self._busy:
                    message = self._message({})
                    message.rerun_script.fragment_id = fragment
                    message.rerun_script.is_auto_rerun = True
                    await self._socket.send(message.SerializeToString())


def _put(address: str, name: str, content: bytes) -> None:
    """Send a file as a browser does. The server may refuse it: then the page has none."""
    edge = secrets.token_hex(16)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={edge}"}
    with suppress(HTTPError), urlopen(Request(address, body, headers, method="PUT")):
        pass


def walk(pages: list[str], first: int) -> Iterator[str]:
    """All pages in their order, again and again, each visitor beginning elsewhere."""
    place = first
    while True:
        yield pages[place % len(pages)]
        place += 1
