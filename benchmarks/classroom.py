"""A classroom on one server: thirty sessions walk through all rooms, ten of them train.

Sessions speak Streamlit's websocket protocol to the real server (`tests/making/visitor.py`), with
their fragments ticking as in a browser. Seconds are from the message sent until the page was whole,
measured beside the server on the same machine, so they hold what the visitors themselves take.
`CLASSROOM_SECONDS` sets the length, 300 if it is not set.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks import voting
from benchmarks.tables import table
from recsys_demo import limits
from tests.making.visitor import AGAIN, ROOMS, TRAIN, Visitor, walk

SECONDS = int(os.environ.get("CLASSROOM_SECONDS", "300"))
SESSIONS, TRAINERS, WORKERS = 30, 10, 2
THINKING = (5.0, 15.0)  # seconds between two clicks of a person, evenly spread
TRAINING_EVERY = 60.0  # seconds between two trainings of four models by one person
SHARED = 2  # trainers with the same seed: what they ask for is the same job
SAMPLE_SECONDS = 1.0
CLICK = "Projector"
PREPARING_SECONDS = 120.0
CHEAP_SECONDS, GROWTH = 1.0, 0.10
UNDISTURBED_CORES = 0.1


class Notes:
    """What is written down while the class is on."""

    def __init__(self) -> None:
        self.seconds: dict[tuple[str, str], list[float]] = {}
        self.seeds: set[int] = set()
        self.asked = 0
        self.foreign = 0
        self.unmarked = 0
        self.exceptions = 0
        self.received = 0
        self.cores: dict[str, float] = {}

    def took(self, page: str, what: str, seconds: float) -> None:
        """One action on a page."""
        self.seconds.setdefault((page or "start", what), []).append(seconds)


def measure() -> dict[str, Any]:
    """Hold the class."""
    with tempfile.TemporaryDirectory() as home, server_at(Path(home)) as (address, process):
        notes = Notes()
        memory, started = asyncio.run(_class(address, process, notes))
        jobs = _jobs(Path(home) / "jobs")
        votes = asyncio.run(voting.hold(address, Path(home)))
        disk = sum(f.stat().st_size for f in Path(home).rglob("*") if f.is_file())
    times = {page: {} for page, _ in notes.seconds}
    for (page, what), seconds in notes.seconds.items():
        times[page][what] = _spread(seconds)
    clicks = [s for (_, what), seconds in notes.seconds.items() if what == "click" for s in seconds]
    return {
        "seconds": SECONDS,
        "sessions": SESSIONS,
        "trainers": TRAINERS,
        "workers": WORKERS,
        "cpu_count": os.cpu_count(),
        "pages": times,
        "clicks": _spread(clicks),
        "memory": _memory_figures(memory, started),
        "jobs": {**jobs, "asked": 4 * notes.asked, "different": 4 * len(notes.seeds)},
        "foreign_marks": notes.foreign,
        "sessions_without_mark": notes.unmarked,
        "exceptions": notes.exceptions,
        "cores": notes.cores,
        "received_mb": notes.received / 1e6,
        "disk_mb": disk / 1e6,
        "voting": votes,
    }


async def _class(
    address: str, process: psutil.Process, notes: Notes
) -> tuple[list[tuple[float, float, float]], float]:
    await _prepare(address)
    memory: list[tuple[float, float, float]] = []
    watching = asyncio.create_task(_watch(process, memory))
    await asyncio.sleep(10)  # the server as it is before the class comes
    started, cores = time.perf_counter(), _cores(process)
    end = started + SECONDS
    await asyncio.gather(*(_attend(address, n, end, notes) for n in range(SESSIONS)))
    lasted = time.perf_counter() - started
    notes.cores = {who: (now - cores[who]) / lasted for who, now in _cores(process).items()}
    watching.cancel()
    return memory, started


async def _prepare(address: str) -> None:
    """The teacher has trained the four models and been in every room before the class comes."""
    async with Visitor(address, SESSIONS, "") as teacher:
        await teacher.open()
        await teacher.press(TRAIN)
        deadline = time.perf_counter() + PREPARING_SECONDS
        while ("button", AGAIN) not in teacher.seen.controls and time.perf_counter() < deadline:
            await asyncio.sleep(1)
        for room in (*ROOMS, *ROOMS):
            await teacher.open(room)


def _cores(process: psutil.Process) -> dict[str, float]:
    """Processor seconds of the server, its workers, the visitors and everybody else so far."""

    def used(one: psutil.Process) -> float:
        times = one.cpu_times()
        return float(times.user + times.system)

    told = {
        "server": used(process),
        "workers": sum(map(used, process.children(recursive=True))),
        "visitors": used(psutil.Process()),
    }
    whole = psutil.cpu_times()
    busy = sum(whole) - whole.idle - whole.iowait - whole.guest - whole.guest_nice
    return {**told, "others": busy - sum(told.values())}


async def _attend(address: str, number: int, end: float, notes: Notes) -> None:
    """One person: walks from room to room, clicks in each; the first ones train now and then."""
    chance = random.Random(number)
    trains = number < TRAINERS
    await asyncio.sleep(chance.uniform(0, 10))
    rooms = walk(ROOMS, number)
    pair = number // SHARED
    wait = pair * SHARED * TRAINING_EVERY / TRAINERS if trains else SECONDS
    next_training = time.perf_counter() + wait
    link = urlencode({"lesson": f"mark-of-visitor-{number}-"})
    async with Visitor(address, number, link) as visitor:
        rounds = 0
        notes.took("start", "first", await visitor.open())
        while time.perf_counter() < end:
            if time.perf_counter() >= next_training:
                await _train(visitor, pair + 100 * rounds, notes)
                next_training += TRAINING_EVERY
                rounds += 1
            else:
                room = next(rooms)
                notes.took(room, "open", await visitor.open(room))
            for _ in range(2):
                await asyncio.sleep(chance.uniform(*THINKING))
                notes.took(visitor.page, "click", await visitor.toggle(CLICK))
            await asyncio.sleep(chance.uniform(*THINKING))
        notes.foreign += len(visitor.seen.marks - {number})
        notes.unmarked += number not in visitor.seen.marks
        notes.exceptions += visitor.seen.exceptions
        notes.received += visitor.seen.received


async def _train(visitor: Visitor, seed: int, notes: Notes) -> None:
    """Four models with a seed that only a neighbour has too."""
    mark = f"mark-of-visitor-{visitor.number}-"
    visitor.link = urlencode({"lesson": mark, "seed": seed})
    notes.took("start", "open", await visitor.open())
    notes.seeds.add(seed)
    notes.asked += 1
    if ("button", TRAIN) in visitor.seen.controls:  # else the neighbour's are done already
        notes.took("start", "train", await visitor.press(TRAIN))


async def _watch(process: psutil.Process, memory: list[tuple[float, float, float]]) -> None:
    while True:
        workers = sum(_memory(child) for child in process.children(recursive=True))
        memory.append((time.perf_counter(), _memory(process), workers))
        await asyncio.sleep(SAMPLE_SECONDS)


def _memory(process: psutil.Process) -> float:
    try:
        return process.memory_info().rss / 2**20
    except psutil.NoSuchProcess:
        return 0.0


@contextmanager
def server_at(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A lab that keeps its jobs in this folder and takes what a shared one may: its address and its
    process."""
    from tests.making.servers import start_server, stop_server

    shared = {f"{limits.PREFIX}{name.upper()}": str(most) for name, most in limits.SHARED.items()}
    server = start_server(home, RECSYS_DEMO_WORKERS=str(WORKERS), **shared)
    try:
        yield server.address, psutil.Process(server.process.pid)
    finally:
        stop_server(server)


def _jobs(folder: Path) -> dict[str, Any]:
    """How many jobs there were, how long they waited, and whether any was done twice."""
    waits, states, begun = [], Counter[str](), []
    for job in folder.glob("[0-9a-f]*"):
        status = json.loads((job / "status.json").read_text())
        states[status["state"]] += 1
        if status["started"] is not None:
            waits.append(status["started"] - status["submitted"])
        events = job / "events.jsonl"
        if events.exists():
            begun.append(events.read_text().count('"type": "preparing"'))
    return {
        "trained": sum(states.values()),
        "states": dict(states),
        "most_beginnings_of_one": max(begun, default=0),
        "waiting": _spread(waits),
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {"count": 0, "p50": 0.0, "p95": 0.0, "max": 0.0}
    return {
        "count": len(ordered),
        "p50": statistics.median(ordered),
        "p95": ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))],
        "max": ordered[-1],
    }


def _memory_figures(memory: Sequence[tuple[float, float, float]], started: float) -> dict[str, Any]:
    """Megabytes of server and workers: idle, after a minute, in the middle, at the end. Each is the
    mean of ten seconds."""
    last = memory[-1][0]
    moments = {
        "idle": started,
        "minute": min(started + 60, last),
        "middle": (started + last) / 2,
        "end": last,
    }
    told: dict[str, Any] = {}
    for index, name in ((1, "server"), (2, "workers")):
        told[name] = {
            moment: statistics.fmean(m[index] for m in memory if at - 10 <= m[0] <= at)
            for moment, at in moments.items()
        }
        told[name]["growth"] = told[name]["end"] / told[name]["minute"] - 1
    return told


def claims(figures: Mapping[str, Any]) -> dict[str, bool]:
    """What a classroom may expect, and whether it held."""
    jobs, memory = figures["jobs"], figures["memory"]
    slowest = max(page["click"]["p95"] for page in figures["pages"].values() if "click" in page)
    return {
        f"no page's cheap click over {CHEAP_SECONDS:g} s at p95": slowest <= CHEAP_SECONDS,
        f"server's memory grows at most {GROWTH:.0%} after the first minute": (
            memory["server"]["growth"] <= GROWTH
        ),
        f"workers' memory grows at most {GROWTH:.0%} after the first minute": (
            memory["workers"]["growth"] <= GROWTH
        ),
        "no session is shown another's choices": (
            figures["foreign_marks"] == 0 and figures["sessions_without_mark"] == 0
        ),
        "the same configuration trains once": (
            jobs["trained"] <= jobs["different"] and jobs["most_beginnings_of_one"] <= 1
        ),
        "no page shows an exception": figures["exceptions"] == 0,
        **(voting.claims(figures["voting"]) if "voting" in figures else {}),
    }


def render(figures: dict[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = []
    for page, actions in figures["pages"].items():
        cells = [page]
        for what in ("open", "click", "train"):
            found = actions.get(what)
            cells += [_seconds(found, key) for key in ("p50", "p95", "max")] if found else [""] * 3
        rows.append(cells)
    header = ["seconds", *(f"{w} {k}" for w in ("open", "click", "train") for k in _KEYS)]
    memory = figures["memory"]
    moments = ["idle", "minute", "middle", "end"]
    used = [
        [n, *(f"{memory[n][m]:,.0f}" for m in moments), f"{memory[n]['growth']:+.1%}"]
        for n in ("server", "workers")
    ]
    jobs = figures["jobs"]
    held = [[claim, "holds" if ok else "DOES NOT HOLD"] for claim, ok in claims(figures).items()]
    return f"""## Classroom

{__doc__.split(chr(10), 2)[2].strip()}

{figures["seconds"]} seconds, {figures["sessions"]} sessions, {figures["trainers"]} of them train
four models every {TRAINING_EVERY:.0f} s, {figures["workers"]} worker processes; a person clicks
every {THINKING[0]:g} to {THINKING[1]:g} s. "click" flips a switch that changes no result.

{table(header, rows)}

{table(["memory, MB", *moments, "growth after a minute"], used)}

{jobs["asked"]} trainings asked for, {jobs["different"]} different, {jobs["trained"]} done or begun;
waiting for a worker: median {jobs["waiting"]["p50"]:.1f} s, p95 {jobs["waiting"]["p95"]:.1f} s,
longest {jobs["waiting"]["max"]:.1f} s. Sent to all browsers together:
{figures["received_mb"]:,.0f} MB. On disk at the end: {figures["disk_mb"]:,.0f} MB.

Processor time in cores: {_cores_text(figures["cores"])}. {_alone(figures["cores"])}

{_votes_text(figures)}

{table(["claim", "measured"], held)}"""


def _votes_text(figures: Mapping[str, Any]) -> str:
    """The class that votes; figures kept from before there were classes hold none."""
    if "voting" not in figures:
        return "A class that votes has not been measured yet."
    told = " ".join(str(voting.__doc__).split())
    trained = f"Models that were trained live meanwhile: {figures['voting']['trained']}."
    return f"{told} {trained}\n\n{table(voting.HEADER, voting.rows(figures['voting']))}"


def _cores_text(cores: Mapping[str, float]) -> str:
    return ", ".join(f"{who} {used:.2f}" for who, used in cores.items())


def _alone(cores: Mapping[str, float]) -> str:
    """Whether the figures are the lab's own doing."""
    if cores["others"] <= UNDISTURBED_CORES:
        return "The machine had nothing else to do."
    return "OTHERS WERE AT WORK on the machine: the seconds above are upper bounds."


_KEYS = ("p50", "p95", "max")


def _seconds(spread: Mapping[str, float], key: str) -> str:
    return f"{spread[key]:.2f}"


def expectation(figures: Mapping[str, Any]) -> str:
    """What docs/classroom.md tells a teacher, in the figures of this benchmark."""
    memory, jobs, clicks = figures["memory"], figures["jobs"], figures["clicks"]
    together = memory["server"]["end"] + memory["workers"]["end"]
    return (
        f"Measured with {figures['sessions']} sessions in all rooms for "
        f"{figures['seconds'] / 60:.1f} minutes, {figures['trainers']} of them training four "
        f"models every {TRAINING_EVERY:.0f} s, on {figures['cpu_count']} cores with "
        f"{figures['workers']} workers: a cheap "
        f"click took {clicks['p50']:.2f} s in the median and {clicks['p95']:.2f} s at p95; a "
        f"training waited {jobs['waiting']['p50']:.0f} s in the median and "
        f"{jobs['waiting']['max']:.0f} s at most for a worker; server and workers together took "
        f"{together / 1000:.1f} GB of memory.{_busy(figures['cores'])}"
    )


def _busy(cores: Mapping[str, float]) -> str:
    """What must be known to read the figures."""
    if cores["others"] <= UNDISTURBED_CORES:
        return ""
    return (
        f" The machine was busy with other work meanwhile ({cores['others']:.1f} of its cores; the "
        f"server itself took {cores['server']:.1f}), so on a machine of its own it is faster."
    )


BEGIN, END = "<!-- measured by benchmarks/classroom.py -->", "<!-- end -->"


def paper_with(paper: str, figures: Mapping[str, Any]) -> str:
    """The paper with what these figures say."""
    before, _, rest = paper.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"the paper has no place between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{expectation(figures)}\n{END}{after}"
