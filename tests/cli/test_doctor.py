"""`doctor` tells what is there and what is wrong, all at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys_demo import machine
from recsys_demo.cli import doctor, main
from recsys_demo.jobs import settings
from recsys_demo.jobs.settings import SERVER_BYTES, WORKER_BYTES, default_workers

ROOM_FOR_TWO = SERVER_BYTES + 2.5 * WORKER_BYTES


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "lab"))


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_a_healthy_lab(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert text.endswith("Nothing is wrong.\n")
    assert str(tmp_path / "lab") in text
    assert main(["doctor", "--json"]) == 0
    assert told(capsys)["problems"] == []


def test_everything_that_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "file" / "lab"))
    monkeypatch.setenv("RECSYS_DEMO_WORKERS", "64")
    monkeypatch.setattr(doctor, "memory_bytes", lambda: 1_000_000_000)
    versions = {"torch": "2.13.0+cpu", "numpy": "1.0"}
    monkeypatch.setattr(doctor, "_version", versions.get)
    assert main(["doctor", "--json"]) == 2
    output = capsys.readouterr()
    problems = json.loads(output.out.splitlines()[-1])["problems"]
    assert [problem["where"] for problem in problems] == [
        "numpy",
        str(tmp_path / "file" / "lab"),
        "64 workers",
    ]
    assert all(problem["remedy"] in output.err for problem in problems)


def test_settings_that_cannot_be(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DEMO_ROWS", "many")
    monkeypatch.setenv("RECSYS_DEMO_WORKERS", "none")
    assert main(["doctor"]) == 2
    problems = capsys.readouterr().err
    assert "ROWS" in problems
    assert "workers" in problems


@pytest.mark.parametrize(
    ("memory", "cores", "expected"),
    [
        (64e9, 16, 4),
        (64e9, 2, 2),
        (1e9, 8, 1),
        (ROOM_FOR_TWO, 8, 2),
        (0, 1, 1),
    ],
)
def test_no_more_workers_than_cores_and_memory_hold(
    memory: float, cores: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "memory_bytes", lambda: int(memory))
    monkeypatch.setattr(settings, "usable_cores", lambda: cores)
    assert default_workers() == expected


@pytest.mark.parametrize(
    ("quota", "cores"), [("max 100000", 8), ("150000 100000", 2), ("50000 100000", 1), ("", 8)]
)
def test_a_containers_bounds_are_those_that_count(
    quota: str, cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: set(range(8)))
    monkeypatch.setattr(machine, "_GROUP", tmp_path)
    monkeypatch.setattr(machine, "_MEMORY_LIMITS", (tmp_path / "memory.max",))
    (tmp_path / "cpu.max").write_text(quota)
    assert machine.usable_cores() == cores
    whole = machine.memory_bytes()
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.memory_bytes() == whole
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    assert (machine.memory_bytes(), machine.memory_free_bytes()) == (1_000_000, 600_000)
