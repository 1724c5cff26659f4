"""The Compare room as a person uses it, in the test's own process."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from streamlit.testing.v1 import AppTest

from recsys_demo.data.planted.sample import WORLDS
from recsys_demo.data.specs import FileSpec, SampleSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.jobs.training_task import run_folder, train_job
from recsys_demo.training.run_files import PREDICTIONS
from recsys_demo.ui import session
from recsys_demo.ui.compare.choices import SECTIONS
from recsys_demo.ui.compare.disagreement import COLD_START, MODELS, SEEDS
from recsys_demo.ui.state import State
from tests.making import metrics as toy_metric
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.comparing import PLANTED, QUICK, WORLD, dataset


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one test has trained, the next finds."""
    return tmp_path_factory.mktemp("lab")


def shown(section: str, state: State = PLANTED, **choices: object) -> State:
    return state.with_control("compare", {"section": section, **choices})


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label.startswith(label)).click()
    return at.run()


def labels_of(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def compare(home: Path, monkeypatch: pytest.MonkeyPatch, state: State) -> AppTest:
    """The room with everything the state asks for trained."""
    lab_at(home, monkeypatch)
    at = open_page("compare", state)
    if any(label.startswith("Train the") for label in labels_of(at)):
        at = press(at, "Train the")
    return at


def predictions(home: Path, state: State) -> dict[str, pd.DataFrame]:
    """By model, what the first seed of each predicted."""
    configs = state.run_configs(("installed x app",), has_split_column=True)
    return {
        config.model.name: pd.read_parquet(
            run_folder(home / "jobs" / train_job(config).id) / PREDICTIONS
        )
        for config in configs
        if config.seed == 0
    }


def test_an_empty_room_says_what_to_do_and_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab_at(tmp_path, monkeypatch)
    at = open_page("compare", PLANTED)
    assert "Nothing is trained yet" in text_of(at)
    assert "Train the 2 models" in labels_of(at)
    at = press(at, "Train the 2 models")
    text = text_of(at)
    assert "Nothing is trained yet" not in text
    assert "planted exceptions" in text
    assert "Wide" in text


def test_the_map_shows_what_the_predictions_say(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = compare(home, monkeypatch, PLANTED)
    frame = at.dataframe[0].value
    data = dataset()
    exceptions = data.test.frame["exception"].to_numpy() == 1
    for model, name in (("wide", "Wide"), ("wide_deep", "Wide & Deep")):
        saved = predictions(home, PLANTED)[model][exceptions]
        at_row = (frame["slice"] == "planted exceptions") & (frame["model"] == name)
        expected = roc_auc_score(saved["label"], saved["probability"])
        assert frame[at_row]["mean"].iloc[0] == pytest.approx(expected)
    assert "the planted truth" in set(frame["model"])


def test_sentences_name_the_difference(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = compare(home, monkeypatch, PLANTED)
    saved = predictions(home, PLANTED)
    gain = abs(
        np.subtract(
            *(roc_auc_score(p["label"], p["probability"]) for p in saved.values()),
        )
    )
    text = text_of(at).replace("\\", "")
    told = [line for line in text.splitlines() if "on all rows" in line and "±" in line]
    assert len(told) == 1
    differences = [float(number) for number in re.findall(r"([0-9.]+) ±", told[0])]
    assert pytest.approx(gain, abs=6e-4) in differences


@pytest.mark.parametrize("section", ["slices", "fit"])
def test_a_metric_added_after_training_is_offered(
    home: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    compare(home, monkeypatch, PLANTED)
    toy_metric.add_toy(monkeypatch)
    at = open_page("compare", shown(section, metric=toy_metric.KEY))
    assert not at.exception
    chosen = [group for group in at.button_group if "Brier score" in group.options]
    assert [box.value for box in chosen] == [toy_metric.KEY]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_whole_and_its_link_opens_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    at = compare(home, monkeypatch, shown(section, queries=25))
    if section in ("lists", "online"):
        at = press(at, "Make the lists") if "Make the lists" in labels_of(at) else at
    if section == "cost":
        at = press(at, "Time the serving") if "Time the serving" in labels_of(at) else at
    text_of(at)
    assert not at.error
    # The map and at least one exhibit of the section have their numbers as a table.
    assert len(at.dataframe) >= 2
    assert all(len(frame.value) for frame in at.dataframe)


def test_log_loss_of_slices_is_that_of_the_predictions(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = compare(home, monkeypatch, shown("slices", metric="logloss"))
    frame = at.dataframe[-1].value
    for model, saved in predictions(home, PLANTED).items():
        name = {"wide": "Wide", "wide_deep": "Wide & Deep"}[model]
        row = frame[(frame["slice"] == "all rows") & (frame["model"] == name)].iloc[0]
        assert row["metric"] == "log loss"
        assert row["mean"] == pytest.approx(log_loss(saved["label"], saved["probability"]))


def test_a_slice_of_ones_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = compare(home, monkeypatch, shown("slices"))
    at.text_input(key="compare.own.text").set_value("age >= 30 & device = phone").run()
    assert not at.error
    frame = at.dataframe[-1].value
    log = dataset().test.frame
    rows = int(((log["age"] >= 30) & (log["device"].astype(str) == "phone")).sum())
    assert set(frame[frame["slice"] == "age >= 30 & device = phone"]["rows"]) == {rows}
    at.text_input(key="compare.own.text").set_value("colour = red").run()
    assert "no column has this name" in at.error[0].value.replace("\\", "")
    # The good one is still there, and can be removed.
    assert "age >= 30 & device = phone" in set(at.dataframe[-1].value["slice"])
    at.button(key="compare.own.remove.0").click().run()
    assert "age >= 30 & device = phone" not in set(at.dataframe[-1].value["slice"])


def test_more_seeds_are_trained_by_a_button(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = compare(home, monkeypatch, PLANTED)
    assert "Train 8 more runs: 5 seeds each" in labels_of(at)
    at.number_input(key="compare.seeds").set_value(2).run()
    assert "Train 2 runs" in labels_of(at)
    at = press(at, "Train 2 runs")
    frame = at.dataframe[0].value
    assert set(frame["seeds"].dropna()) == {2}
    assert "2 seeds" in text_of(at)


def test_a_damaged_run_is_told_and_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = PLANTED.model_copy(update={"models": ("wide",)})
    at = compare(tmp_path, monkeypatch, one)
    assert "Only one model is trained" in text_of(at)
    file = next((tmp_path / "jobs").glob(f"*/run/{PREDICTIONS}"))
    before = file.read_bytes()
    pd.read_parquet(file).assign(probability=0.5).to_parquet(file)
    lab_at(tmp_path, monkeypatch)
    at = open_page("compare", one)
    assert "damaged, or part of it was deleted" in at.warning[0].value
    at = press(at, "Train the model")
    assert not at.error
    assert file.read_bytes() == before


def test_a_log_without_truth_says_what_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = dataset()
    frame = pd.concat([log.train.frame, log.valid.frame, log.test.frame])
    labels = np.concatenate([log.train.labels, log.valid.labels, log.test.labels])
    columns = ["user", "app", "installed", "device"]
    frame[columns].assign(label=labels).to_csv(tmp_path / "log.csv", index=False)
    schema = (
        'label = "label"\nuser = "user"\nitem = "app"\n[fields]\napp = {side = "item"}\n'
        'installed = {kind = "multi", side = "user"}\ndevice = {side = "context"}\n'
    )
    data = FileSpec(data=str(tmp_path / "log.csv"), schema_toml=schema)
    split = SplitConfig(kind="heldout_pairs")  # else hardly a pair of this small log is new
    own = State(data=data, split=split, training=QUICK, models=("wide", "deep"))
    at = compare(tmp_path / "lab", monkeypatch, shown("online", own))
    text = text_of(at)
    assert "pairs seen 20\\+ times" in text
    assert "the map has no ceiling" in text
    assert "This part needs the truth" in text
    at = compare(tmp_path / "lab", monkeypatch, shown("lists", own, queries=20))
    at = press(at, "Make the lists")
    assert "count only what the test rows happen to hold" in text_of(at)
    metrics = set(at.dataframe[-1].value["metric"])
    assert {"precision@k", "catalogue coverage", "novelty"} <= metrics


def test_a_lesson_can_keep_the_truth_to_itself(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(home, monkeypatch, PLANTED)
    at = open_page("compare", shown("online").model_copy(update={"hide": ("truth",)}))
    assert "the planted truth" not in set(at.dataframe[0].value["model"])
    text = text_of(at)
    assert "This log is synthetic (planted)." in text
    assert "which this lesson hides" in text


def test_hidden_controls_are_gone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(home, monkeypatch, PLANTED)
    hidden = PLANTED.model_copy(update={"hide": ("compare.seeds", "compare.sections")})
    at = open_page("compare", hidden)
    assert not [n for n in at.number_input if n.key == "compare.seeds"]
    assert not [b for b in at.get("button_group") if b.key == "compare.section"]


def test_a_world_without_exceptions_is_judged_by_the_pairs_seen_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = WORLD.model_copy(update={"exceptions": 0})
    state = State(data=SampleSpec(world=world), training=QUICK, models=("wide", "lr"))
    text = text_of(compare(tmp_path, monkeypatch, state)).replace("\\", "")
    assert "pairs seen 20+ times" in text
    assert "exceptions:" not in text


def test_one_click_asks_for_the_case_in_which_offline_and_online_disagree(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[State] = []
    at = compare(home, monkeypatch, shown("online"))
    monkeypatch.setattr("recsys_demo.ui.models.train", lambda _: asked.append(session.current()))
    at.button(key="compare.disagreement").click().run()
    assert [(s.data, s.models, s.seeds) for s in asked] == [(COLD_START, MODELS, SEEDS)]
    assert COLD_START.world == WORLDS["cold_start"].config


def test_without_a_model_the_room_says_where_to_choose_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab_at(tmp_path, monkeypatch)
    at = open_page("compare", PLANTED.model_copy(update={"models": ()}))
    assert "No model is chosen" in text_of(at)
    assert "Train Wide & Deep too" in labels_of(at)
