"""A source of logs that is entered in the registry is found wherever a person would look."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.cli import main
from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.allowed_folders import FOLDERS
from recsys_demo.data.specs import SOURCES
from recsys_demo.data.splits import SplitConfig
from recsys_demo.sweep.package import pack, unpacked_source
from recsys_demo.sweep.records import record_key
from recsys_demo.sweep.training import train_record
from recsys_demo.ui.state import State, decode, encode
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.sources import TillSpec, till_content

SPLIT = SplitConfig(valid=0.2, test=0.2)


@pytest.fixture
def till(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TillSpec:
    monkeypatch.setitem(SOURCES, "till", TillSpec)
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "lab"))
    monkeypatch.delenv(FOLDERS, raising=False)
    lab_at(tmp_path / "lab", monkeypatch)
    (tmp_path / "bakery").mkdir()
    (tmp_path / "bakery" / "till.csv").write_bytes(till_content())
    return TillSpec(folder=str(tmp_path / "bakery"), most=80)


def offered() -> AppTest:
    """The Data room with the settings of the till open."""
    return open_page("data", State().with_control("data", {"source": "till"}))


def in_use(at: AppTest) -> object:
    """The log of all rooms."""
    return at.session_state["lab.state"].data


def test_it_is_chosen_on_the_page(till: TillSpec) -> None:
    at = offered()
    assert "Every room shows **Sample set (planted)**" in text_of(at)
    place, note = at.text_input
    place.set_value(till.folder)
    note.set_value("sold out early")
    at.number_input(key="data.till.most").set_value(80)
    at.button(key="data.till.load").click().run()
    assert not at.exception
    assert in_use(at) == till.model_copy(update={"note": "sold out early"})
    assert "Bakery till" not in "".join(error.value for error in at.error)


def test_what_cannot_be_read_leaves_what_there_was(till: TillSpec, tmp_path: Path) -> None:
    at = offered()
    at.text_input[0].set_value(str(tmp_path / "nowhere"))
    at.button(key="data.till.load").click().run()
    assert len(at.error) == 1
    assert in_use(at) == State().data


def test_it_is_uploaded_and_offered_to_who_brings_it_as_a_file(till: TillSpec) -> None:
    for source in ("till", "file"):
        at = open_page("data", State().with_control("data", {"source": source}))
        at.file_uploader[0].set_value([("till.csv", till_content(), "text/csv")]).run()
        if source == "file":
            assert "This is Bakery till as it is downloaded" in text_of(at)
        at.button(key=f"data.{source}.load").click().run()
        used = in_use(at)
        assert isinstance(used, TillSpec)
        assert used.folder.startswith("upload:")
        assert used.fingerprint() == till.model_copy(update={"most": 1_000}).fingerprint()


def test_strangers_are_not_asked_for_paths(till: TillSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDERS, "")
    at = offered()
    assert [field.label for field in at.text_input] == ["What to remember"]
    assert at.file_uploader


def test_it_travels_in_the_link(till: TillSpec) -> None:
    state, message = decode(encode(State(data=till)))
    assert (state.data, message) == (till, None)


def test_the_command_line_trains_on_it(
    till: TillSpec, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", "--source", "till", "--data", till.folder, "--preset", "lr", "--json"]
    assert main([*command, "--set", "data.most=80", "--set", "training.epochs=1"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert sum(told["rows"].values() if isinstance(told["rows"], dict) else [told["rows"]]) == 80
    assert main([*command, "--items", "x.csv"]) == 2
    assert main([*command, "--set", "data.most=1"]) == 2
    assert "data.most" not in capsys.readouterr().out


def test_it_reaches_a_worker_that_has_none_of_its_files(till: TillSpec) -> None:
    config = RunConfig(
        data=till, split=SPLIT, model=PRESETS["lr"].model, training=TrainingConfig(epochs=1)
    )
    key, package = record_key(config), pack(till, SPLIT)
    assert package is not None
    shutil.rmtree(till.folder)
    assert unpacked_source(package).fingerprint(SPLIT) == package.fingerprint
    trained = train_record(config, key, package)
    assert trained.record.key == key
    assert len(trained.rows["test"].labels) == 16
