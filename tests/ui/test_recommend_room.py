"""The Recommend room: an empty room says what to do, people are found, built and edited, and every
view shows the package's own numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.charts.explanation import Row, ScoreColumn, score_chart
from recsys_demo.charts.recommend import Entry, ListColumn, lists_chart
from recsys_demo.charts.waterfall import Step, waterfall
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import FrappeSpec, SampleSpec
from recsys_demo.recommendation.explanation import explain
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.training.run_files import ENCODER
from recsys_demo.ui import models, widgets
from recsys_demo.ui.recommend import recommenders
from recsys_demo.ui.recommend.choices import CONTROL
from recsys_demo.ui.state import QueryChoice, State, encode
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.frappe import FRAPPE, needs_frappe
from tests.making.sweeping import run_config, write_log

SMALL = WorldConfig(users=300, apps=60, impressions=9000, exceptions=30, seed=3)
STATE = State(
    data=SampleSpec(world=SMALL),
    models=("wide", "deepfm"),
    training=TrainingConfig(epochs=2),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(autouse=True)
def lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_at(home, monkeypatch)


def trained(state: State = STATE) -> AppTest:
    at = open_page("recommend", state)
    found = [b for b in at.button if b.key == "recommend.train"]
    return found[0].click().run().run() if found else at


def charts(at: AppTest, name: str) -> list[dict[str, Any]]:
    """The Plotly figures whose key holds the name."""
    found = [e.proto for e in at.get("plotly_chart") if name in e.proto.id]
    return [json.loads(proto.spec) for proto in found]


def lists_of(at: AppTest) -> list[list[str]]:
    """The items of every list, best first."""
    (figure,) = charts(at, "recommend.lists")
    return [list(trace["customdata"]) for trace in figure["data"] if trace["type"] == "bar"]


def loaded(state: State = STATE) -> list[Recommender]:
    return [Recommender.of_folder(t.run_folder) for t in models.trainings(state)]


def test_an_empty_room_trains_and_then_shows_the_lists() -> None:
    at = open_page("recommend", STATE)
    assert "Nothing is trained yet" in text_of(at)
    assert [len(places) for places in lists_of(at)] == [10, 10], "the lists to come"
    at = trained()
    assert len(lists_of(at)) == 2
    assert "Planted:" in text_of(at)  # it begins with a penguin


def test_lists_are_those_of_the_saved_runs_without_what_is_installed() -> None:
    at = trained(STATE.model_copy(update={"query": QueryChoice(user="user 007")}))
    for fast, shown in zip(loaded(), lists_of(at), strict=True):
        query = fast.query({"user": "user 007"})
        order = fast.rank(query, fast.installed(query)).top(10)
        assert shown == [str(fast.ids[i]) for i in order]


def test_every_models_rows_add_up_to_its_logit_and_so_do_its_terms() -> None:
    asked = STATE.model_copy(update={"query": QueryChoice(user="user 007")})
    at = trained(asked)
    item = lists_of(at)[0][0]
    (figure,) = charts(at, "recommend.scores")
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    marks = [trace for trace in figure["data"] if trace["type"] == "scatter"]
    for number, training in enumerate(models.trainings(STATE)):
        fast = Recommender.of_folder(training.run_folder)
        logit = explain(fast, fast.query({"user": "user 007"}), item).logit
        start, end = (mark["x"][0] for mark in marks[2 * number : 2 * number + 2])
        assert end == pytest.approx(logit)
        assert start + sum(bars[number]["x"]) == pytest.approx(logit)
        chosen = asked.with_control(CONTROL, {"explained": training.job_id})
        (steps,) = charts(trained(chosen), "recommend.waterfall")
        (terms,) = steps["data"]
        assert terms["base"][0] + sum(terms["x"]) == pytest.approx(logit)


def test_the_room_says_first_where_the_models_part() -> None:
    at = trained()
    finding = r"(Wide|DeepFM) puts .* at place \d+, (Wide|DeepFM) at \d+|Both models agree on"
    assert any(re.match(finding, line) for line in text_of(at).splitlines())


def test_building_somebody_from_nothing_moves_the_lists() -> None:
    at = trained()
    at = at.button(key="recommend.nobody").click().run()
    before = lists_of(at)
    assert at.multiselect(key="recommend.field.installed").value == []
    app = loaded()[0].encoder.fields.vocabularies["installed"].values[3]
    at = at.multiselect(key="recommend.field.installed").set_value([app]).run()
    after = lists_of(at)
    assert after != before
    assert all(app not in shown for shown in after)
    (figure,) = charts(at, "recommend.lists")
    arrows = [a["text"] for a in figure["layout"]["annotations"]]
    assert any("▲" in text or "▼" in text or "new" in text for text in arrows)
    assert "not listed before your last change" in text_of(at)
    # Undo brings the lists back, and the arrows then look the other way.
    assert lists_of(at.button(key="frame.undo").click().run()) == before


def test_the_penguin_is_another_one_with_each_click() -> None:
    at = trained()
    told = [text_of(at)]
    for _ in range(2):
        at = at.button(key="recommend.penguin").click().run()
        told.append(text_of(at))
    assert len({text.split("Planted: ")[1].split("\n")[0] for text in told}) == 3


@pytest.mark.parametrize("case", ["frequent", "never", "niche"])
def test_named_cases_say_why_they_are_worth_a_look(case: str) -> None:
    at = trained().button(key=f"recommend.{case}").click().run()
    assert ":material/lightbulb:" in text_of(at)


@pytest.mark.parametrize("view", ["why", "change", "funnel", "numbers"])
def test_every_view_opens_by_link(view: str) -> None:
    trained()
    at = trained(STATE.with_control(CONTROL, {"view": view, "reveal": True, "keep": True}))
    assert not at.exception
    assert len(lists_of(at)) == 3  # the truth has a list
    assert "By the planted truth" in text_of(at)


def test_a_switched_off_generator_loses_apps_and_says_which() -> None:
    few = {"popularity": 5, "co_occurrence": 15, "nearest": 0, "at_random": 0}
    at = trained(STATE.with_control(CONTROL, {"view": "funnel", "funnel": few}))
    before = {metric.label: metric.value for metric in at.metric}
    at = at.toggle(key="recommend.on.co_occurrence").set_value(False).run()
    after = {metric.label: metric.value for metric in at.metric}
    assert float(after["Recall of the first 10"].strip("%")) < float(
        before["Recall of the first 10"].strip("%")
    )
    assert "The ranker never got to see" in text_of(at)


def test_a_long_list_of_people_offers_the_first_and_takes_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trained()
    monkeypatch.setattr(widgets, "OFFERED", 10)
    everybody = people()
    for user, offered in (
        (everybody[3], everybody[:10]),
        (everybody[-1], [everybody[-1], *everybody[:10]]),
    ):
        at = open_page("recommend", STATE.model_copy(update={"query": QueryChoice(user=user)}))
        assert not at.exception
        person = next(box for box in at.selectbox if box.key == "recommend.user")
        assert person.value == user
        assert list(person.options) == offered
        assert person.proto.accept_new_options


def people() -> list[str]:
    """Everybody the trained runs know."""
    (first, *_) = models.trainings(STATE)
    return Recommender.of_folder(first.run_folder).people


def test_a_link_with_somebody_unknown_says_so() -> None:
    query = QueryChoice(user="stranger", values=(("age", "old"), ("moon", "full")))
    at = trained(STATE.model_copy(update={"query": query}))
    assert "age" in at.error[0].value
    at = trained(STATE.model_copy(update={"query": QueryChoice(user="stranger")}))
    assert "stranger" in text_of(at)
    assert len(lists_of(at)) == 2


def test_an_own_file_works_without_names_or_a_truth(tmp_path: Path) -> None:
    config = run_config(write_log(tmp_path, 600))
    state = State(
        data=config.data, split=config.split, models=("wide", "deep"), training=config.training
    )
    at = trained(state)
    assert len(lists_of(at)) == 2
    for key in ("frequent", "niche", "nobody", "next"):
        at = at.button(key=f"recommend.{key}").click().run()
        assert not at.exception


def test_another_log_forgets_the_edits_of_the_last(tmp_path: Path) -> None:
    """Somebody built from nothing has no name that would tell the logs apart."""
    at = trained().button(key="recommend.nobody").click().run()
    app = loaded()[0].encoder.fields.vocabularies["installed"].values[3]
    at = at.multiselect(key="recommend.field.installed").set_value([app]).run()
    config = run_config(write_log(tmp_path, 600))
    other = State(
        data=config.data,
        split=config.split,
        models=("wide",),
        training=config.training,
        query=QueryChoice(values=(("age", "33"), ("installed", ""), ("moon", "full"))),
    )
    trained(other)
    at.query_params.clear()
    for key, value in encode(other).items():
        at.query_params[key] = value
    at = at.run().button(key="chosen.read").click().run()  # a file of this machine is asked about
    assert not at.exception
    assert len(lists_of(at)) == 1


def test_a_damaged_run_says_so_and_can_be_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read = recommenders._recommender.__wrapped__
    monkeypatch.setattr(recommenders, "_recommender", lambda _key, folder: read(folder))
    trained()
    (folder, *_) = [t.run_folder for t in models.trainings(STATE)]
    whole = (folder / ENCODER).read_bytes()
    try:
        (folder / ENCODER).write_bytes(whole[:-9])
        at = open_page("recommend", STATE)
        assert any("damaged" in w.value and "Wide" in w.value for w in at.warning)
        assert len(lists_of(at)) == 1  # the other model is as it was
        at = at.button(key="recommend.train").click().run().run()
        assert len(lists_of(at)) == 2
    finally:
        (folder / ENCODER).write_bytes(whole)


def test_names_from_the_data_are_shown_and_not_run() -> None:
    bad = "<img src=x onerror=alert(1)>"
    entries = [Entry(bad, bad, 0.5, f"note {bad}")]
    figure = lists_chart([ListColumn("wide", bad, entries)], None)
    written = [a.text for a in figure.layout.annotations]
    assert not any("<img" in text for text in written)
    told = waterfall("wide", 0.0, [Step(bad, 1.0, bad)])
    column = ScoreColumn("wide", bad, 0.0, [1.0], [bad], 1.0, bad)
    scores = score_chart([Row(bad, bad)], [column])
    for drawn in (told, scores):
        assert "<img" not in drawn.to_json().replace("\\u003c", "<")


@needs_frappe
def test_frappe_shows_ids_where_names_are_missing() -> None:
    state = State(
        data=FrappeSpec(folder=str(FRAPPE), negatives=1),
        models=("wide",),
        training=TrainingConfig(epochs=1, batch_size=8192),
    )
    at = trained(state)
    (shown,) = lists_of(at)
    assert len(shown) == 10
    assert all(item.isdecimal() for item in shown)
    at = at.button(key="recommend.never").click().run()
    assert "never together with any user of theirs" in text_of(at)
    assert not trained(state.with_control(CONTROL, {"view": "funnel", "keep": False})).exception


def test_trees_make_lists_and_two_towers_join_the_funnel_once_trained() -> None:
    state = STATE.model_copy(update={"models": ("fm", "trees")})  # no other test trained them
    at = trained(state.with_control(CONTROL, {"view": "why"}))
    assert len(lists_of(at)) == 2
    assert "The trees' terms are exact Shapley values" in text_of(at)
    at = trained(state.with_control(CONTROL, {"view": "funnel"}))
    assert not charts(at, "recommend.recall")
    (train,) = [button for button in at.button if button.key == "recommend.towers.train"]
    at = train.click().run().run()
    assert not at.exception
    proposals = [table.value for table in at.table if "generator" in table.value]
    (towers,) = [own for own in proposals[0].to_dict("records") if own["generator"] == "Two towers"]
    assert towers["proposed"] == 30
    (recall,) = charts(at, "recommend.recall")
    assert {trace["name"] for trace in recall["data"]} >= {"Two towers", "Popular"}
    assert "candidates each, those of" in text_of(at)
