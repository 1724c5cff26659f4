"""MovieLens and Frappe as a person brings them, to a trained model: on the command line and in the
app. The MovieLens files are made up; Frappe is read where it lies and skipped where it does not."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.cli import main
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.specs import DataSpec, FrappeSpec, MovieLensSpec
from recsys_demo.ui.chosen_files import CHOSEN
from recsys_demo.ui.state import State, encode
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.frappe import FRAPPE, needs_frappe

ROOT = Path(__file__).parents[1]
MOVIELENS_SCHEMA = """
label = "rating"
label_threshold = 4.0
user = "userId"
item = "movieId"
item_name = "title"
[fields]
userId  = {side = "user"}
movieId = {side = "item"}
genres  = {kind = "multi", side = "item", separator = "|"}
"""
FRAPPE_SCHEMA = """
negatives_per_positive = 2
user = "user"
item = "item"
[fields]
user    = {side = "user"}
item    = {side = "item"}
daytime = {side = "context"}
weekday = {side = "context"}
"""


@pytest.fixture(scope="module")
def movielens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the form of ml-latest-small, its people and films made up."""
    draw, folder = random.Random(3), tmp_path_factory.mktemp("ml")
    ratings = ["userId,movieId,rating,timestamp"]
    for row in range(1_500):
        user, film = draw.randrange(50), draw.randrange(40)
        rating = 4.5 if (user + film) % 2 else draw.choice([1.0, 2.5, 4.0])
        ratings.append(f"{user + 1},{film + 1},{rating},{964982703 + row}")
    films = ["movieId,title,genres"]
    films += [f"{i + 1},Film {i} ({1980 + i}),{('Comedy|Drama', 'War')[i % 2]}" for i in range(40)]
    (folder / "ratings.csv").write_text("\n".join(ratings), encoding="utf-8")
    (folder / "movies.csv").write_text("\n".join(films), encoding="utf-8")
    return folder


def train_on_the_command_line(
    capsys: pytest.CaptureFixture[str], folder: Path, schema: str, log: Path, *more: str
) -> dict[str, object]:
    (folder / "schema.toml").write_text(schema, encoding="utf-8")
    given = ["train", "--data", str(log), "--schema", str(folder / "schema.toml"), "--json", *more]
    assert main([*given, "--set", "training.epochs=1"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_movielens_on_the_command_line(
    movielens: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = ["--items", str(movielens / "movies.csv"), "--preset", "wide_deep"]
    more = [*items, "--cross", "userId x genres"]
    log = movielens / "ratings.csv"
    found = train_on_the_command_line(capsys, tmp_path, MOVIELENS_SCHEMA, log, *more)
    assert found["preset"] == "wide_deep"


@needs_frappe
def test_frappe_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = FRAPPE / "frappe.csv"
    found = train_on_the_command_line(capsys, tmp_path, FRAPPE_SCHEMA, log, "--preset", "lr")
    test = found["test"]
    assert isinstance(test, dict)
    assert test["slices"]["all"]["auc"] > 0.85


def open_and_train(spec: DataSpec, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The Data room of this log, then one model trained on the Start page: what is read there."""
    lab_at(home, monkeypatch)
    state = State(data=spec, models=("lr",), training=TrainingConfig(epochs=1))
    known = text_of(open_page("data", state))
    assert "a model has learned something only below that" in known

    start = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in encode(state).items():
        start.query_params[key] = value
    start.session_state[CHOSEN] = frozenset(spec.paths().values())
    start.run().button(key="start.train").click().run()
    return text_of(start)


def test_movielens_in_the_app(
    movielens: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "single trainings" in open_and_train(
        MovieLensSpec(path=str(movielens)), tmp_path, monkeypatch
    )


@needs_frappe
def test_frappe_in_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = FrappeSpec(folder=str(FRAPPE))
    assert "single trainings" in open_and_train(spec, tmp_path, monkeypatch)
