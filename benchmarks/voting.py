"""A class of thirty votes within ten seconds, three rounds, ten of them training live meanwhile.

The class is led from another process, as if by a second server on the same folder. What is timed is
the teacher's page on the real server: from a vote that is sent until that page shows it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from recsys_demo.lessons.classroom.classes import open_class
from recsys_demo.lessons.classroom.polls import Move, Place, move_poll
from recsys_demo.lessons.classroom.results import results, students_here
from recsys_demo.lessons.classroom.store import ClassStore
from recsys_demo.lessons.messages import messages
from tests.making.visitor import Visitor

PEOPLE, LIVE = 30, 10
VOTE_SECONDS, SEEN_SECONDS = 10.0, 2.0
PATIENCE = 60.0
# Three rounds of two questions, and what the teacher does before each.
ROUNDS: Sequence[tuple[Place, Sequence[Move]]] = (
    (("a", "dots"), ("open",)),
    (("a", "dots"), ("close", "revote")),
    (("a", "all_rows"), ("open",)),
)
ANSWER = messages("en").text("card.unknown")  # one click, for every kind of question


@dataclass
class Votes:
    """One round: when each vote was sent, and how long until the student's page was whole."""

    sent: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


async def hold(address: str, home: Path) -> dict[str, Any]:
    """The three rounds, on the server at this address that keeps its folder there."""
    store = ClassStore(home)
    opened = open_class(store, "benchmark", 3_600)
    before = _jobs(home)
    async with AsyncExitStack() as tabs:
        people = [await tabs.enter_async_context(Visitor(address, n, "")) for n in range(PEOPLE)]
        teacher = await tabs.enter_async_context(Visitor(address, PEOPLE, ""))
        await _enter(teacher, {"lead": opened.secret})
        await asyncio.gather(*(_enter(one, {"join": opened.code}) for one in people))
        joined = students_here(store, opened.teacher)
        rounds = []
        for number, (place, moves) in enumerate(ROUNDS):
            for move in moves:
                move_poll(store, opened.teacher, place, move)
            told = await _round(place, teacher, people, number)
            found = results(store, opened.teacher, place)
            kept = found.second if "revote" in moves else found.first
            rounds.append({**told, "kept": kept.answered})
        exceptions = sum(one.seen.exceptions for one in (teacher, *people))
    store.close()
    return {
        "people": PEOPLE,
        "joined": joined,
        "rounds": rounds,
        "exceptions": exceptions,
        "trained": _jobs(home) - before,
    }


def _jobs(home: Path) -> int:
    """How many jobs were asked for so far."""
    return sum(1 for _ in (home / "jobs").glob("[0-9a-f]*"))


async def _enter(tab: Visitor, parameters: Mapping[str, str]) -> None:
    tab.link = urlencode(parameters)
    await tab.open("classroom")


async def _round(
    place: Place, teacher: Visitor, people: Sequence[Visitor], number: int
) -> dict[str, Any]:
    """Everybody opens the step and votes at a moment of their own."""
    led = {"led": ".".join(place)}
    for one in people:
        seed = str(1 + one.number + PEOPLE * number)
        one.link = urlencode({**led, "live": "1", "seed": seed} if one.number < LIVE else led)
    teacher.link = urlencode(led)
    await asyncio.gather(teacher.open(), *(one.open() for one in people))
    before = len(teacher.seen.answered)
    votes = Votes()
    await asyncio.gather(*(_vote(one, votes) for one in people))
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end and most_shown(teacher.seen.answered[before:]) < len(people):
        await asyncio.sleep(0.1)
    shown = delays(sorted(votes.sent), teacher.seen.answered[before:])
    return {"took": sorted(votes.took), "seen": sorted(shown)}


async def _vote(one: Visitor, votes: Votes) -> None:
    await asyncio.sleep(random.Random(one.number).uniform(0, VOTE_SECONDS))
    votes.sent.append(time.perf_counter())
    votes.took.append(await one.press(ANSWER))


def most_shown(counts: Sequence[tuple[float, int]]) -> int:
    """The largest number that the teacher's page has shown."""
    return max((count for _, count in counts), default=0)


def delays(sent: Sequence[float], counts: Sequence[tuple[float, int]]) -> list[float]:
    """Seconds from the n-th vote that was sent until the page showed n; PATIENCE if it never did.
    Both in the order of time."""
    found = []
    for number, moment in enumerate(sent, start=1):
        shown = next((at for at, count in counts if count >= number and at >= moment), None)
        found.append(PATIENCE if shown is None else shown - moment)
    return found


def claims(figures: Mapping[str, Any]) -> dict[str, bool]:
    """What a class that votes may expect, and whether it held."""
    people, rounds = figures["people"], figures["rounds"]
    return {
        "everybody who joins has one seat": figures["joined"] == people,
        "every vote is kept, once": all(one["kept"] == people for one in rounds),
        f"the teacher sees an answer within {SEEN_SECONDS:g} s at p95": all(
            _p95(one["seen"]) <= SEEN_SECONDS for one in rounds
        ),
        "no page of the class shows an exception": figures["exceptions"] == 0,
    }


def rows(figures: Mapping[str, Any]) -> list[list[str]]:
    """A line for each round: votes kept, and seconds until the teacher saw an answer and the
    student's page was whole, at p95 and at most."""
    return [
        [
            str(number),
            str(one["kept"]),
            *(f"{pick(one[what]):.2f}" for what in ("seen", "took") for pick in (_p95, max)),
        ]
        for number, one in enumerate(figures["rounds"], start=1)
    ]


HEADER = ["round", "votes kept", "seen p95", "seen max", "click p95", "click max"]


def _p95(ordered: Sequence[float]) -> float:
    return ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
