"""What links and files of strangers make of the server's memory, one tab after another."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import psutil

from benchmarks.classroom import server_at
from benchmarks.tables import table
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import FileSpec, SampleSpec
from recsys_demo.data.uploads import digest_of
from recsys_demo.studies.crosses.entries import entries_of
from recsys_demo.ui.state import State, encode
from tests.making.visitor import Visitor

MOST_MB = 500
SAMPLE_SECONDS = 0.1
ROOMS = ("", "data", "crosses")
WORLDS = 8
FIELDS, VALUES, IN_A_ROW, ROWS = ("one", "two", "three"), 40, 8, 50_000
SCHEMA = (
    'label = "label"\nuser = "user"\nitem = "app"\n[fields]\napp = {side = "item"}\n'
    'one = {kind = "multi", side = "user"}\ntwo = {kind = "multi", side = "user"}\n'
    'three = {kind = "multi", side = "user"}\n'
)


def measure() -> dict[str, Any]:
    """Open every link in a tab of its own; megabytes of the server beyond its idle size."""
    with tempfile.TemporaryDirectory() as home, server_at(Path(home)) as (address, process):
        return asyncio.run(_visits(address, process, Path(home)))


async def _visits(address: str, process: psutil.Process, home: Path) -> dict[str, Any]:
    await _visit(address, State(), ROOMS)
    await asyncio.sleep(5)
    idle = process.memory_info().rss
    found = {}
    for name, states in _links(home):
        watching = asyncio.create_task(_highest(process))
        begin = time.perf_counter()
        for state in states:
            await _visit(address, state, ROOMS)
        seconds = time.perf_counter() - begin
        watching.cancel()
        highest = await watching
        await asyncio.sleep(5)
        after = process.memory_info().rss
        found[name] = {
            "seconds": seconds,
            "highest_mb": (highest - idle) / 1e6,
            "kept_mb": (after - idle) / 1e6,
        }
    return {"idle_mb": idle / 1e6, "links": found}


async def _visit(address: str, state: State, rooms: tuple[str, ...]) -> None:
    async with Visitor(address, 0, urlencode(encode(state))) as visitor:
        for room in rooms:
            await visitor.open(room)


async def _highest(process: psutil.Process) -> int:
    """The most memory the server has had, until this is cancelled."""
    most = 0
    try:
        while True:
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(SAMPLE_SECONDS)
    except asyncio.CancelledError:
        return most


def _links(home: Path) -> Iterator[tuple[str, list[State]]]:
    refused = {"users": 100_000, "apps": 5_000, "exceptions": 20_000, "impressions": 3_000_000}
    shown = {"impressions": 380_000}
    for name, dials in (("largest worlds", refused), ("largest worlds shown", shown)):
        worlds = [WorldConfig.model_validate({**dials, "seed": n}) for n in range(WORLDS)]
        yield name, [State(data=SampleSpec(world=world)) for world in worlds]
    data = FileSpec(data=_wide_log(home), schema_toml=SCHEMA)
    crosses = entries_of([" x ".join(FIELDS)])
    yield "a cross of 512 combinations a row", [State(data=data, crosses=crosses)]


def _wide_log(home: Path) -> str:
    """The name of an upload: three fields with eight of forty values in each of 50,000 rows."""
    draw = np.random.default_rng(0)
    names = np.array([f"v{i}" for i in range(VALUES)])
    cells = {
        name: ["|".join(names[draw.permutation(VALUES)[:IN_A_ROW]]) for _ in range(ROWS)]
        for name in FIELDS
    }
    labels = {"user": np.arange(ROWS), "app": "a", "label": draw.integers(0, 2, ROWS)}
    content = pd.DataFrame(labels | cells).to_csv(index=False).encode()
    folder = home / "uploads" / digest_of(content)
    folder.mkdir(parents=True)
    (folder / "wide.csv").write_bytes(content)
    return f"upload:{folder.name}/wide.csv"


def render(figures: Mapping[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        (
            name,
            f"{found['seconds']:.0f} s",
            f"**{found['highest_mb']:+.0f} MB**",
            f"{found['kept_mb']:+.0f} MB",
        )
        for name, found in figures["links"].items()
    ]
    header = ("links", "in all", "highest", "kept")
    return (
        f"## Links of strangers\n\nMemory of the server's process beyond its idle "
        f"{figures['idle_mb']:.0f} MB while each link is opened in Start, Data and Crosses, "
        f"{WORLDS} of each kind of world; must stay below +{MOST_MB} MB.\n\n" + table(header, rows)
    )
