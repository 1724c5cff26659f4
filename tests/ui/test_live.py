"""Live: what is shown is what was chosen last, and the server says how many may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.jobs.orders import REST_SECONDS, Orders
from recsys_demo.ui import jobs, models
from recsys_demo.ui.state import State, decode, encode
from tests.making.apptesting import lab_at, open_page, text_of

WORLD = SampleSpec(world=WorldConfig(users=100, apps=40, impressions=1_500, exceptions=20))
LIVE = State(data=WORLD, models=("wide", "lr"), training=TrainingConfig(epochs=1), live=True)


class Hours:
    """A clock that is turned by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hours:
    clock = Hours()
    lab_at(tmp_path, monkeypatch)
    monkeypatch.setattr(
        jobs, "standing_orders", lambda workers, most, people: Orders(workers, most, people, clock)
    )
    return clock


def rested(clock: Hours) -> None:
    """The hand rests until all that is wanted is trained: jobs run where they are submitted."""
    orders = jobs.lab_jobs().orders
    for _ in range(5):
        clock.now += REST_SECONDS
        orders.tend()


def keys_of(at: AppTest, key: str = "live.map") -> list[str]:
    """The runs whose dots a map shows, the hollow ones of before first."""
    charts = [chart.proto for chart in at.get("plotly_chart")]
    spec = next(chart.spec for chart in charts if key in chart.id)
    keys = [trace["customdata"][0] for trace in json.loads(spec)["data"]]
    return [key for key in keys if key and key != "truth"]


def ids(state: State) -> list[str]:
    return [training.job_id for training in models.trainings(state)]


def test_the_switch_is_part_of_the_link() -> None:
    assert encode(State(live=True)) == {"live": "1"}
    assert decode({"live": "1"}) == (State(live=True), None)


def test_a_change_trains_itself_and_shows_where_the_models_were(hours: Hours) -> None:
    at = open_page("train", LIVE)
    assert not any(job.status.has_ended for job in map(jobs.view, ids(LIVE)) if job)
    rested(hours)
    at.run()
    assert keys_of(at) == ids(LIVE)
    other = LIVE.model_copy(update={"seed": 3})
    at.number_input(key="train.seed").set_value(3).run()
    # Nothing is begun, so nothing new is shown: where they were, and dots that claim no place.
    assert keys_of(at) == [*ids(LIVE), *ids(other)]
    assert "not trained yet" in next(
        chart.proto.spec for chart in at.get("plotly_chart") if "live.map" in chart.proto.id
    )
    rested(hours)
    at.run()
    assert keys_of(at) == [*ids(LIVE), *ids(other)]
    # Back again: it is there already.
    at.number_input(key="train.seed").set_value(0).run()
    assert keys_of(at) == [*ids(other), *ids(LIVE)]
    assert not jobs.lab_jobs().orders.is_awaited("nobody")


def test_one_click_pins_what_is_compared_with(hours: Hours) -> None:
    at = open_page("train", LIVE)
    rested(hours)
    at.run()
    at.button(key="live.pin").click().run()
    for seed in (1, 2):
        at.number_input(key="train.seed").set_value(seed).run()
        rested(hours)
        at.run()
    latest = LIVE.model_copy(update={"seed": 2})
    assert keys_of(at) == [*ids(LIVE), *ids(latest)]
    at.button(key="live.unpin").click().run()
    assert keys_of(at) == [*ids(LIVE.model_copy(update={"seed": 1})), *ids(latest)]


def test_a_server_may_forbid_it(hours: Hours, monkeypatch: pytest.MonkeyPatch) -> None:
    del hours
    monkeypatch.setenv("RECSYS_DEMO_LIVE", "0")
    at = open_page("start", LIVE)
    assert "frame.live" not in [toggle.key for toggle in at.toggle]
    assert not at.exception
    assert "Live" not in text_of(at)


def test_without_live_nothing_trains_itself(hours: Hours) -> None:
    state = LIVE.model_copy(update={"live": False})
    at = open_page("start", state)
    rested(hours)
    at.run()
    assert [training.job for training in models.trainings(state)] == [None, None]


def test_a_step_of_the_world_moves_the_dots_beside_its_dials(hours: Hours) -> None:
    at = open_page("data", LIVE)
    rested(hours)
    at.run()
    at.button(key="data.step.fewer_exceptions").click().run()
    world = WORLD.world.model_copy(update={"exceptions": 10})
    other = LIVE.model_copy(update={"data": SampleSpec(world=world)})
    assert at.session_state["lab.state"] == other
    rested(hours)
    at.run()
    assert not at.exception
    for chart in ("live.map", "data.map"):
        assert sorted(keys_of(at, chart)) == sorted([*ids(LIVE), *ids(other)])
