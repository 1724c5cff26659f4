"""The Ablate room: one click answers, nothing finished is lost, labels stand everywhere."""

from __future__ import annotations

import json
import re
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.config.presets import PRESETS
from recsys_demo.data.splits import SplitConfig
from recsys_demo.studies.ablation import RETRAINED, SWITCHED_OFF
from recsys_demo.studies.ablation.answers import answer_of
from recsys_demo.studies.ablation.effects import compare, signed
from recsys_demo.studies.ablation.findings import retrained_finding, shares_finding
from recsys_demo.studies.ablation.grid import BASE, Grid, grid_cells, subset_cells, whole_model
from recsys_demo.studies.ablation.outcomes import Outcomes, Reader
from recsys_demo.studies.ablation.questions import QUESTIONS
from recsys_demo.studies.ablation.shapley import shares
from recsys_demo.sweep.records import Records, without_name
from recsys_demo.ui import datasets
from recsys_demo.ui.ablate.choices import AblateChoices
from recsys_demo.ui.ablate.models import base_of, switches, with_grid_shown
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page, text_of, with_ablation
from tests.making.sweeping import run_config, schema, trained, write_log

SEEDS = 2


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    config = run_config(write_log(tmp_path_factory.mktemp("log"), 600))
    plain = State(
        data=config.data,
        split=SplitConfig(),
        training=config.training,
        models=("wide_deep", "deepfm"),
    )
    return with_ablation(plain, seeds=SEEDS)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(autouse=True)
def lab(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSYS_DEMO_CLUSTER", raising=False)
    lab_at(home, monkeypatch)


def press(at: AppTest, name: str) -> AppTest:
    button = next(b for b in at.button if re.fullmatch(name, b.label))
    return button.click().run()


def unescaped(text: str) -> str:
    return text.replace("\\", "")


def base(state: State) -> Any:
    return state.run_configs(("installed x app",), False)[0]


def outcomes_of(state: State, home: Path, key: str) -> tuple[Outcomes, Grid]:
    grid = Grid(QUESTIONS[key].cells(base(state), schema(), None), tuple(range(SEEDS)))
    return Reader(Records(home / "records")).outcomes(grid), grid


def test_one_click_answers_with_the_sentence_of_the_saved_runs(state: State, home: Path) -> None:
    at = open_page("ablate", state)
    for key in QUESTIONS:
        at = at.button(key=f"ablate.question.{key}").click().run()
    shown = unescaped(text_of(at))
    for key, question in QUESTIONS.items():
        outcomes, grid = outcomes_of(state, home, key)
        answer = answer_of(question, outcomes, grid.cells)
        assert answer is not None
        assert answer.sentence in shown
        assert f"{SEEDS} seeds" in answer.sentence


def test_a_lab_started_again_knows_every_answer_and_trains_nothing(
    state: State, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(outcomes_of(state, home, "crosses")[1].configs(), home / "records")
    lab_at(home, monkeypatch, executor=Refusing())
    at = open_page("ablate", with_ablation(state, question="crosses"))
    assert "Crosses are worth" in text_of(at)
    assert "all done" in text_of(at)
    at = press(at, "Add 2 seeds")
    assert "to train" in text_of(at), "new seeds are asked for and only they are missing"
    bar = next(str(p.proto.text) for p in at.get("progress"))
    assert bar.startswith(f"{2 * SEEDS} of {2 * SEEDS + 4} runs done")


class Refusing(Executor):
    """Takes tasks and never does them."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Future()


def test_pause_withdraws_what_waits_and_going_on_trains_only_that(
    state: State, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained([base(state)], home / "records")
    workers = lab_at(home, monkeypatch, executor=Refusing())
    grid = with_ablation(state, ask="grid", axes=("depth", "width"), seeds=1)
    at = open_page("ablate", grid)
    at = press(at, "Train the 4 missing")
    assert workers.load == (1, 1, 3)
    at = press(at, "Pause")
    assert workers.load == (1, 1, 0), "the run in progress is finished"
    at = press(at, "Train the 3 missing")
    assert workers.load == (1, 1, 3)


@pytest.mark.parametrize("ask", ["questions", "flip", "grid", "shares"])
def test_retrained_results_say_so_wherever_they_are(state: State, ask: str) -> None:
    view = with_ablation(
        state,
        ask=ask,
        question="crosses",
        flipped=(("crosses", "no-crosses"),),
        axes=("crosses",),
        seeds=1 if ask == "shares" else SEEDS,  # of every subset of the kinds
    )
    at = open_page("ablate", view)
    if any(re.match("Train", button.label) for button in at.button):
        at = press(at, "Train.*")
    shown = text_of(at)
    assert at.get("plotly_chart")
    assert RETRAINED in shown
    for chart in at.get("plotly_chart"):
        assert RETRAINED in chart.proto.spec
        assert SWITCHED_OFF not in chart.proto.spec
    for table in at.dataframe:
        assert any(RETRAINED in str(column) for column in table.value.columns)
    assert "badge[" in shown


@pytest.mark.parametrize("ask", ["flip", "grid", "shares", "off"])
def test_before_anything_is_trained_the_chart_to_come_waits(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: str
) -> None:
    lab_at(tmp_path, monkeypatch)
    view = {"experiment": "off"} if ask == "off" else {"ask": ask}
    at = open_page("ablate", with_ablation(state, **view, axes=("crosses", "depth")))
    (chart,) = at.get("plotly_chart")
    spec = json.loads(chart.proto.spec)
    assert len(spec["layout"]["yaxis"]["ticktext"]) >= 2
    assert all(x is None for trace in spec["data"] for x in trace["x"])
    assert spec["layout"]["xaxis"]["showticklabels"] is False


@pytest.mark.parametrize("ask", ["flip", "grid", "shares"])
def test_the_finding_is_that_of_the_study(state: State, home: Path, ask: str) -> None:
    flipped = (("crosses", "no-crosses"),)
    seeds = 1 if ask == "shares" else SEEDS  # of every subset of the kinds
    view = with_ablation(state, ask=ask, axes=("crosses",), flipped=flipped, seeds=seeds)
    at = open_page("ablate", view)
    if any(re.match("Train", button.label) for button in at.button):
        at = press(at, "Train.*")
    assert study_finding(state, home, ask, seeds) in unescaped(text_of(at))


def study_finding(state: State, home: Path, ask: str, seeds: int) -> str:
    """What the study says of the saved runs."""
    model = base_of(state, AblateChoices())
    whole = whole_model(model, datasets.schema_of(state))
    axis = switches(model, datasets.schema_of(state))["crosses"]
    cells = subset_cells(whole) if ask == "shares" else grid_cells(model, [axis], "one")
    outcomes = Reader(Records(home / "records")).outcomes(Grid(cells, tuple(range(seeds))))
    if ask == "shares":
        found = shares(outcomes, whole.model.kinds, range(seeds), "all")
        assert found is not None
        return shares_finding(found, "all rows")
    names = {cell.key: cell.label for cell in cells} | {BASE: "Wide & Deep as it is"}
    rows = outcomes.slices() if ask == "flip" else ["all"]
    effects = [compare(outcomes, "no-crosses", BASE, slice_) for slice_ in rows]
    return retrained_finding(effects, names, outcomes.slice_labels)


def test_switched_off_results_say_so_wherever_they_are(state: State) -> None:
    at = open_page("ablate", with_ablation(state, experiment="off"))
    at = press(at, "Train Wide.*")
    assert "Without crosses," in text_of(at), "there is something to see at once"
    at = press(at, "Reset the dials")
    at = press(at, "Off: crosses")
    for chart in at.get("plotly_chart"):
        in_one_line = chart.proto.spec.replace(r"\u003cbr\u003e", " ")
        assert f"{SWITCHED_OFF}, not retrained" in in_one_line
    shown = text_of(at)
    assert shown.count(f"{SWITCHED_OFF}, not retrained") >= 3
    each = next(t.value for t in at.dataframe if len(t.value) == 3)
    assert f"{SWITCHED_OFF}, not retrained" in each.columns
    assert at.slider(key="ablate.dial.crosses").value == 0
    at = press(at, "Reset the dials")
    assert at.slider(key="ablate.dial.crosses").value == 1


def test_flipping_shows_the_signed_difference_to_the_model_before(state: State, home: Path) -> None:
    view = with_ablation(state, ask="flip")
    at = open_page("ablate", view)
    at = at.selectbox(key="ablate.flip.crosses").select("no-crosses").run()
    if any(button.label.startswith("Train") for button in at.button):
        at = press(at, "Train.*")
    table = at.dataframe[0].value.set_index("retrained, on")
    outcomes, _ = outcomes_of(state, home, "crosses")
    effect = compare(outcomes, "base", "crosses", "all")
    assert table.loc["all rows", "difference"] == signed(effect)
    assert table.loc["all rows", "verdict"] == effect.verdict
    assert "before: as it is" in table.columns
    assert "now: without crosses" in table.columns
    chart = at.get("plotly_chart")[0].proto.spec
    assert "before:" in chart, "the ghost"


def test_changing_the_grid_leaves_ghosts_of_the_result_before(state: State) -> None:
    at = open_page("ablate", with_ablation(state, ask="grid", axes=("crosses",)))
    if any(button.label.startswith("Train") for button in at.button):
        at = press(at, "Train.*")
    assert "result before" not in text_of(at)
    at = at.number_input(key="ablate.seeds").set_value(SEEDS - 1).run()
    assert "Against the result before" in text_of(at)


@pytest.mark.parametrize("key", QUESTIONS)
def test_the_link_of_an_answer_asks_for_the_very_models(state: State, key: str) -> None:
    cells = QUESTIONS[key].cells(base(state), schema(), None)
    linked = with_grid_shown(state, cells, SEEDS)
    there = {without_name(config) for config in linked.run_configs(("installed x app",), False)}
    for cell in cells:
        for config in cell.at(SEEDS - 1):
            assert without_name(config) in there
    if key == "joint":
        assert set(linked.models) == {"wide", "deep", "wide_deep"}
    assert all(m in PRESETS or not isinstance(m, str) for m in linked.models)


def test_choices_of_a_damaged_link_give_the_defaults(state: State) -> None:
    at = open_page("ablate", state.with_control("ablate", {"ask": "moon", "dials": 7}))
    assert "What are crosses worth" in text_of(at)
    assert AblateChoices().ask == "questions"


def test_a_link_to_a_flip_opens_on_its_switch(state: State) -> None:
    board = switches(base_of(state, AblateChoices()), datasets.schema_of(state))
    for axis in {axis.group: axis for axis in board.values()}.values():
        flips = (("crosses", "no-crosses"), (axis.key, axis.options[0].key))
        at = open_page("ablate", with_ablation(state, ask="flip", flipped=flips))
        (tabs,) = at.get("tab_container")
        open_tab = at.tabs[tabs.proto.tab_container.default_tab_index]
        assert f"ablate.flip.{axis.key}" in {box.key for box in open_tab.selectbox}
