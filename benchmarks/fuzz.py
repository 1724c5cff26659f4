"""Strange links and files against the real server: `python -m benchmarks fuzz --minutes 10`.

Strangers open links and give files, one after another (`tests/making/strange.py`), while one person
flips a switch on a page of the sample set. Written down is which page took longer than it may, what
showed or logged a traceback, how long the person's clicks took, and how the server grew.
`FUZZ_MINUTES` sets the length too, 1 if it is not set.
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import numpy as np
import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisDeprecationWarning

from benchmarks.tables import table
from recsys_demo.ui.state import State, encode
from tests.making.servers import start_server, stop_server
from tests.making.strange import FILES, LINKS, ROOMS
from tests.making.visitor import Visitor

T = TypeVar("T")
MINUTES = "FUZZ_MINUTES"
ANSWER_SECONDS, CLICK_SECONDS, GROWTH_MB = 5.0, 1.0, 500.0
SWITCH = "Projector"
OWN_FILE = urlencode(encode(State(controls=(("data", {"source": "file"}),))))
BATCH = 100
SHOWN = 4_000  # characters of a case that are kept
CASES = st.one_of(
    st.tuples(st.just("link"), LINKS, st.sampled_from(ROOMS)),
    st.tuples(st.just("file"), FILES, st.just("data")),
)


@dataclass
class Notes:
    """What happened so far."""

    tried: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)  # MB
    memory: list[float] = field(default_factory=list)  # MB, with what the server started
    findings: list[dict[str, str]] = field(default_factory=list)

    def found(self, what: str, case: object) -> None:
        """Something that must not happen."""
        told = repr(case)[:SHOWN]
        self.findings.append({"what": what, "case": told})
        sys.stderr.write(f"{what}: {told[:300]}\n")


def measure() -> dict[str, Any]:
    """Fuzz for the time that is set."""
    end = time.monotonic() + 60 * float(os.environ.get(MINUTES, "1"))
    notes = Notes()
    with tempfile.TemporaryDirectory() as home, (Path(home) / "told").open("wb") as told:
        # Named, as behind a proxy: strangers are let in, and confined.
        server = start_server(
            Path(home) / "lab",
            *("--allow-host", "lab.example"),
            told=told,
            STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION="false",  # the visitors keep no cookies
        )
        try:
            _fuzz(server.address, psutil.Process(server.process.pid), end, notes)
            if server.process.poll() is not None:
                notes.found("the server ended", server.process.returncode)
        finally:
            stop_server(server)
        logged = Path(told.name).read_text(encoding="utf-8", errors="replace")
    if "Traceback" in logged:
        notes.found("the server logged a traceback", logged[logged.index("Traceback") :])
    return {
        "minutes": float(os.environ.get(MINUTES, "1")),
        "tried": dict(notes.tried),
        "answer": _spread(notes.seconds),
        "click": _spread(notes.clicks),
        "server": _course(notes.server),
        "memory": _course(notes.memory),
        "findings": notes.findings,
    }


def _fuzz(address: str, process: psutil.Process, end: float, notes: Notes) -> None:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    warm = threading.Event()
    other = asyncio.run_coroutine_threadsafe(_click(address, process, end, notes, warm), loop)
    warm.wait()

    @settings(
        max_examples=BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(CASES)
    def batch(case: tuple[str, Any, str]) -> None:
        if time.monotonic() < end:
            wait(_try(address, case, notes))

    number = 0
    with warnings.catch_warnings():
        # The other thread draws random numbers too, for its websockets; no case depends on them.
        warnings.simplefilter("ignore", HypothesisDeprecationWarning)
        while time.monotonic() < end:
            number += 1
            seed(number)(batch)()
    other.result()
    loop.call_soon_threadsafe(loop.stop)


async def _try(address: str, case: tuple[str, Any, str], notes: Notes) -> None:
    kind, content, room = case
    link = content if kind == "link" else OWN_FILE
    notes.tried[kind] += 1
    told = case if kind == "link" else (content[0], base64.b64encode(content[1]))
    try:
        async with Visitor(address, 0, link) as stranger:
            seconds = await stranger.open(room)
            if kind == "file":
                seconds = await stranger.give(*content)
            if stranger.seen.exceptions:
                notes.found("a page showed an exception", told)
    except (OSError, TimeoutError) as error:
        notes.found(f"no answer: {error!r}", told)
        return
    notes.seconds.append(seconds)
    if seconds > ANSWER_SECONDS:
        notes.found(f"an answer took {seconds:.1f} s", told)


async def _click(
    address: str, process: psutil.Process, end: float, notes: Notes, warm: threading.Event
) -> None:
    """The person who must not notice: once a second, with a look at the server's memory."""
    async with Visitor(address, 1, "") as person:
        for room in (*ROOMS, "train"):  # all of it is loaded before strangers come
            await person.open(room)
        warm.set()
        while time.monotonic() < end:
            notes.clicks.append(await person.toggle(SWITCH))
            notes.server.append(await asyncio.to_thread(_memory, [process]))
            family = [process, *process.children(recursive=True)]
            notes.memory.append(await asyncio.to_thread(_memory, family))
            await asyncio.sleep(1)


def _course(megabytes: list[float]) -> dict[str, float]:
    return {"idle": megabytes[0], "most": max(megabytes), "end": megabytes[-1]}


def _memory(processes: list[psutil.Process]) -> float:
    """MB of these processes, as far as they are still there."""
    used = 0.0
    for one in processes:
        try:
            used += one.memory_full_info().pss / 2**20
        except psutil.NoSuchProcess:
            continue
    return used


def _spread(seconds: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(seconds, [50, 95])
    return {"p50": float(p50), "p95": float(p95), "max": max(seconds)}


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    tried = figures["tried"]
    rows = [
        [what, *(f"{figures[key][part]:.2f}" for part in ("p50", "p95", "max"))]
        for what, key in (("a strange link or file", "answer"), ("another person's click", "click"))
    ]
    sizes = [
        [what, *(f"{figures[key][part]:,.0f}" for part in ("idle", "most", "end"))]
        for what, key in (("server", "server"), ("with helper and workers", "memory"))
    ]
    found = [f"- {one['what']}" for one in figures["findings"]] or ["Nothing was found."]
    return f"""## Strange links and files

{tried["link"]:,} links and {tried["file"]:,} files in {figures["minutes"]:.0f} minutes against the
real server (`python -m benchmarks fuzz --minutes N`). Seconds:

{table(["", "median", "p95", "most"], rows)}

{table(["MB", "idle", "most", "end"], sizes)}

{chr(10).join(found)}"""
