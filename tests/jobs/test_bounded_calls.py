"""Work in a process of its own: the same values, the same errors, and ends to memory and time."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recsys_demo.errors import InputError, Problem
from recsys_demo.jobs import bounded_calls as module
from recsys_demo.jobs.bounded_calls import call_bounded
from recsys_demo.jobs.forks import Parent
from recsys_demo.machine import peak_memory_mb

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there it is done in place")
PROBLEM = Problem(what="what", where="where", got="got", expected="expected", remedy="remedy")


def table(rows: int) -> pd.DataFrame:
    return pd.DataFrame({"a": np.arange(rows), "b": pd.Categorical(["x", "y"] * (rows // 2))})


def refuse() -> None:
    raise InputError([PROBLEM, PROBLEM])


def stumble() -> None:
    raise ZeroDivisionError("oops")


def take(gigabytes: float) -> int:
    return int(np.ones(int(gigabytes * 1e9), dtype=np.uint8).sum())


def many_lists() -> int:
    return len([[i] for i in range(10**9)])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def where() -> tuple[int, int]:
    return os.getpid(), os.getppid()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DEMO_PAGE_WORK_BYTES", "100000000")
    monkeypatch.setenv("RECSYS_DEMO_PAGE_BYTES", "1000000")
    monkeypatch.setenv("RECSYS_DEMO_PAGE_SECONDS", "2")


def test_results_come_back_as_they_are() -> None:
    pd.testing.assert_frame_equal(call_bounded(table, 20_000), table(20_000))
    first, second = call_bounded(where), call_bounded(where)
    assert first[0] != second[0] != os.getpid()
    assert first[1] == second[1], "children of one helper"


def test_errors_come_back_as_they_are() -> None:
    with pytest.raises(InputError) as caught:
        call_bounded(refuse)
    assert caught.value.problems == (PROBLEM, PROBLEM)
    with pytest.raises(RuntimeError, match="ZeroDivisionError: oops"):
        call_bounded(stumble)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "hungry", [lambda: call_bounded(take, 1.0), lambda: call_bounded(many_lists)]
)
def test_memory_has_an_end(hungry: object) -> None:
    before = peak_memory_mb()
    with pytest.raises(InputError, match="RECSYS_DEMO_PAGE_BYTES"):
        hungry()  # type: ignore[operator] # a call
    after = peak_memory_mb()
    assert before is not None
    assert after is not None
    assert after - before < 50
    assert call_bounded(take, 0.01) == 10**7, "the next one is not harmed"


@pytest.mark.usefixtures("small")
def test_results_and_time_have_an_end() -> None:
    with pytest.raises(InputError, match="a result of more than 1 MB"):
        call_bounded(table, 2_000_000)
    with pytest.raises(InputError, match="2 seconds"):
        call_bounded(time.sleep, 60)
    with pytest.raises(InputError):
        call_bounded(die)


def test_a_helper_that_was_killed_is_started_again() -> None:
    _, helper = call_bounded(where)
    os.kill(helper, signal.SIGKILL)
    process = module._HELPER.process
    assert process is not None
    process.wait(60)
    _, another = call_bounded(where)
    assert another != helper


def test_a_helper_works_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "_HELPER", Parent("recsys_demo.jobs.helper"))
    assert call_bounded(os.path.basename, "a/b") == "b"
