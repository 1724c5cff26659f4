"""Where a model's dot stands: on its last report, then on the test rows; never where none is."""

from __future__ import annotations

from typing import Any

from recsys_demo.charts.dots import CHANCE
from recsys_demo.charts.theme import CUSTOM, STYLES
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.jobs.store import Status
from recsys_demo.jobs.watch import JobView
from recsys_demo.ui.live.dots import dots, path
from recsys_demo.ui.models import Training

NAN = float("nan")


def report(epoch: int, never: float | None, memory: float) -> dict[str, Any]:
    valid = {"never": {"auc": never}, "exceptions": {"auc": memory}}
    return {"type": "epoch", "epoch": epoch, "valid": valid}


def training(*events: dict[str, Any], state: str = "running", seed: int = 0) -> Training:
    status = Status.model_validate({"state": state})
    config = RunConfig(data=SampleSpec(), model=PRESETS["wide"].model, seed=seed)
    return Training(config, "0" * 20, JobView("0" * 20, status, list(events)))


def test_a_dot_moves_with_every_report_and_ends_on_the_test_rows() -> None:
    reports = [report(1, 0.6, 0.7), report(2, 0.7, 0.75)]
    (dot,) = dots([training(*reports)], "exceptions")
    assert (dot.x, dot.y, dot.path) == (0.7, 0.75, ((0.6, 0.7),))
    slices = {"never": {"auc": 0.72}, "exceptions": {"auc": 0.8}}
    end = {"type": "result", "test": {"slices": slices}}
    (dot,) = dots([training(*reports, end, state="done")], "exceptions")
    assert (dot.x, dot.y) == (0.72, 0.8)
    assert dot.way == ((CHANCE, CHANCE), (0.6, 0.7), (0.7, 0.75), (0.72, 0.8))


def test_what_has_no_place_waits() -> None:
    for events in ([], [report(1, None, 0.7)], [report(1, NAN, 0.7)]):
        (dot,) = dots([training(*events)], "exceptions")
        assert dot.is_waiting
    assert path(training(report(1, NAN, 0.7), report(2, 0.6, 0.7)), "exceptions") == ((0.6, 0.7),)


def test_seeds_of_one_model_are_one_dot() -> None:
    def done(never: float, seed: int) -> Training:
        slices = {"never": {"auc": never}, "exceptions": {"auc": 0.8}}
        end = {"type": "result", "test": {"slices": slices}}
        return training(end, state="done", seed=seed)

    (dot,) = dots([done(0.7, 0), done(0.8, 1), training(seed=2)], "exceptions")
    assert dot.x == 0.75


def test_every_model_has_its_symbol_in_text_too() -> None:
    looks = [*STYLES.values(), CUSTOM]
    assert len({look.glyph for look in looks}) == len(looks)
