"""The classroom's arithmetic, its verdicts, and the paper that repeats them."""

from __future__ import annotations

import copy
import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import classroom
from tests.making.visitor import MARK, walk

ROOT = Path(__file__).parents[1]
PAPER = (ROOT / "docs" / "classroom.md").read_text(encoding="utf-8")
KEPT = ROOT / "benchmarks" / "results" / "classroom.json"
TIMES = {"count": 10, "p50": 0.1, "p95": 0.9, "max": 3.0}
FIGURES: dict[str, Any] = {
    "seconds": 300,
    "sessions": 30,
    "trainers": 10,
    "workers": 2,
    "cpu_count": 2,
    "pages": {"start": {"open": TIMES, "click": TIMES}, "data": {"click": TIMES}},
    "clicks": TIMES,
    "memory": {
        name: {"idle": 90.0, "minute": 100.0, "middle": 101.0, "end": 105.0, "growth": 0.05}
        for name in ("server", "workers")
    },
    "jobs": {
        "trained": 40,
        "states": {"done": 40},
        "most_beginnings_of_one": 1,
        "waiting": TIMES,
        "asked": 68,
        "different": 40,
    },
    "foreign_marks": 0,
    "sessions_without_mark": 0,
    "exceptions": 0,
    "cores": {"server": 0.6, "workers": 1.0, "visitors": 0.2, "others": 0.0},
    "received_mb": 29.0,
    "disk_mb": 64.0,
    "voting": {
        "people": 30,
        "joined": 30,
        "exceptions": 0,
        "trained": 40,
        "rounds": [{"kept": 30, "took": [0.1] * 30, "seen": [0.5] * 29 + [5.0]}] * 3,
    },
}


def test_all_claims_hold_where_all_is_well() -> None:
    assert all(classroom.claims(FIGURES).values())
    assert "DOES NOT" not in classroom.render(FIGURES)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("pages", "data", "click", "p95"), 1.01),
        (("memory", "server", "growth"), 0.11),
        (("memory", "workers", "growth"), 0.11),
        (("foreign_marks",), 1),
        (("sessions_without_mark",), 1),
        (("jobs", "trained"), 41),
        (("jobs", "most_beginnings_of_one"), 2),
        (("exceptions",), 1),
        (("voting", "joined"), 31),
        (("voting", "exceptions"), 1),
        (("voting", "rounds"), [{"kept": 31, "took": [0.1], "seen": [0.5]}]),
        (("voting", "rounds"), [{"kept": 30, "took": [0.1], "seen": [2.1] * 30}]),
    ],
)
def test_each_claim_can_fail(path: tuple[str, ...], value: object) -> None:
    figures = copy.deepcopy(FIGURES)
    place = figures
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert list(classroom.claims(figures).values()).count(False) == 1
    assert "DOES NOT HOLD" in classroom.render(figures)


def test_a_busy_machine_is_told() -> None:
    assert "other work" not in classroom.expectation(FIGURES)
    busy = copy.deepcopy(FIGURES)
    busy["cores"]["others"] = 1.3
    assert "1.3 of its cores" in classroom.expectation(busy)
    assert "OTHERS WERE AT WORK" in classroom.render(busy)


def test_percentiles() -> None:
    spread = classroom._spread([float(n) for n in range(101)])
    assert (spread["p50"], spread["p95"], spread["max"], spread["count"]) == (50, 95, 100, 101)
    assert classroom._spread([])["count"] == 0
    assert classroom._spread([2.0])["p95"] == 2.0


def test_memory_is_read_at_the_moments_named() -> None:
    samples = [(float(t), 100.0 + t, 10.0) for t in range(-8, 121)]
    told = classroom._memory_figures(samples, 0.0)
    assert told["server"]["minute"] == pytest.approx(155)  # the mean of its last ten seconds
    assert told["server"]["end"] == pytest.approx(215)
    assert told["server"]["growth"] == pytest.approx(215 / 155 - 1)
    assert told["workers"]["growth"] == 0


def test_everybody_comes_through_every_room() -> None:
    rooms = classroom.ROOMS
    assert {"", "data", "train"} <= set(rooms)
    for first in (0, 7):
        assert set(itertools.islice(walk(rooms, first), len(rooms))) == set(rooms)


def test_marks_are_found_in_what_is_sent() -> None:
    assert MARK.findall(b"..mark-of-visitor-17-..mark-of-visitor-2-") == [b"17", b"2"]


@pytest.mark.skipif(not KEPT.exists(), reason="not measured yet")
def test_the_readme_says_what_was_measured_last() -> None:
    figures = json.loads(KEPT.read_text(encoding="utf-8"))["figures"]
    assert classroom.paper_with(PAPER, figures) == PAPER
    assert classroom.expectation(figures) in PAPER
    with pytest.raises(ValueError, match="no place"):
        classroom.paper_with("# No place", figures)
