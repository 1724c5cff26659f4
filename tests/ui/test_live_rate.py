"""A page looks often until the first dot moves, then now and then, and not at all at rest."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import streamlit as st

from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.jobs.store import Status
from recsys_demo.jobs.watch import JobView
from recsys_demo.ui import jobs, session
from recsys_demo.ui.live import rate as rates
from recsys_demo.ui.live.rate import FIRST_SECONDS, FIRST_TICK_SECONDS, rate
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State

NOW = 1_800_000_000.0
REPORT = {"type": "epoch", "epoch": 1, "valid": {}}


def training(state: str, asked: float, *events: dict[str, object]) -> Training:
    """One asked for so many seconds ago."""
    status = Status.model_validate({"state": state, "submitted": NOW - asked})
    config = RunConfig(data=SampleSpec(), model=PRESETS["wide"].model)
    return Training(config, "0" * 20, JobView("0" * 20, status, list(events)))


FRESH, REPORTED = training("running", 0), training("running", 0, REPORT)
LATE = training("running", FIRST_SECONDS + 60)
DONE = training("done", 0, REPORT)


@pytest.mark.parametrize(
    ("wanted", "seconds"),
    [
        ([], None),
        ([DONE], None),
        ([FRESH, FRESH], FIRST_TICK_SECONDS),
        ([DONE, FRESH], FIRST_TICK_SECONDS),
        ([FRESH, REPORTED], 0.6),
        ([LATE], 0.6),
    ],
)
def test_often_until_the_first_report_of_what_was_just_asked_for(
    wanted: list[Training], seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: NOW))
    assert rate(State(), wanted, 0.6) == seconds


class RerunError(Exception):
    """What Streamlit raises for a whole new page."""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """The parts that a page has had watched, to be drawn again by hand."""
    found: list[Callable[[], None]] = []

    def fragment(look: Callable[[], None], _name: str, _every: float | None) -> Callable[[], None]:
        found.append(look)
        return look

    def rerun() -> None:
        raise RerunError

    monkeypatch.setattr(jobs, "fragment", fragment)
    monkeypatch.setattr(jobs, "pace", lambda seconds: seconds)
    monkeypatch.setattr(st, "rerun", rerun)
    return found


def test_a_part_drawn_for_other_choices_is_not_drawn_again(
    looks: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """*Retrain with a new seed* stands in such a part: it once showed the runs of before until
    something else drew the page."""
    monkeypatch.setattr(session, "current", lambda: State(seed=1))
    drawn: list[int] = []
    jobs.watched("part", lambda: None, lambda: drawn.append(session.current().seed))
    monkeypatch.setattr(session, "current", lambda: State(seed=2))
    with pytest.raises(RerunError):
        looks[0]()
    assert drawn == [1]


def test_the_page_is_drawn_anew_once_the_rate_is_another(
    looks: list[Callable[[], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "current", State)
    rates, drawn = [0.6], []
    jobs.watched("part", lambda: rates[-1], lambda: drawn.append(rates[-1]))
    looks[0]()
    rates.append(0.2)
    with pytest.raises(RerunError):
        looks[0]()
    assert drawn == [0.6, 0.6]
