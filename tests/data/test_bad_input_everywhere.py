"""Strangers' files on their two ways in, the command line and the wizard: one message each, and
what was there before stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.cli import main
from recsys_demo.ui.data.draft import DRAFT
from tests.making.bad_files import READ, REFUSED, content_of
from tests.making.files import csv

SCHEMA = """
label = "label"
user = "user"
item = "item"
[fields]
user = {kind = "categorical", side = "user"}
item = {kind = "categorical", side = "item"}
"""
ENDINGS = ("csv", "tsv", "txt", "parquet", "gz", "zip")


def trained(content: bytes, name: str, folder: Path) -> int:
    """Exit status of a training on this file."""
    (folder / "schema.toml").write_text(SCHEMA)
    (folder / name).write_bytes(content)
    return main(
        [
            *("train", "--data", str(folder / name), "--schema", str(folder / "schema.toml")),
            *("--preset", "lr", "--set", "training.epochs=1", "--out", str(folder / "run")),
        ]
    )


@pytest.mark.parametrize("case", REFUSED)
def test_the_command_line_refuses_it(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, make, _ = REFUSED[case]
    assert trained(content_of(make), name, tmp_path) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert len(told.err.strip()) > 20
    assert "expected" in told.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("case", READ)
def test_the_command_line_trains_on_it_or_says_why_not(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, _ = READ[case]
    name = "file.zip" if case.startswith("zip") else "file"
    status = trained(content_of(make), name, tmp_path)
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert status in (0, 2)
    assert (tmp_path / "run").exists() == (status == 0)
    assert status == 0 or "expected" in told


def page() -> None:
    """The wizard alone."""
    import streamlit as st

    from recsys_demo.data.specs import SampleSpec
    from recsys_demo.ui.data.wizard import wizard

    wizard(SampleSpec(), lambda spec: st.session_state.__setitem__("used", spec))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DEMO_HOME", str(tmp_path_factory.mktemp("lab")))
        yield AppTest.from_function(page, default_timeout=60).run()


def uploaded(app: AppTest, name: str, content: bytes) -> AppTest:
    """The page after somebody chose this file."""
    ending = name.rpartition(".")[2]
    app.session_state["used"] = "what was there before"
    shown = name if ending in ENDINGS else f"{name}.csv"
    return app.file_uploader[0].set_value([(shown, content, "text/csv")]).run()


NAMELESS = [case for case in REFUSED if case.startswith("no header")]


@pytest.mark.parametrize("case", [case for case in REFUSED if case not in NAMELESS])
def test_the_wizard_refuses_it(case: str, app: AppTest) -> None:
    name, make, _ = REFUSED[case]
    shown = uploaded(app, name, content_of(make))
    assert not shown.exception
    assert len(shown.error) == 1
    assert shown.session_state["used"] == "what was there before"
    assert DRAFT not in shown.session_state or not shown.button


@pytest.mark.parametrize("case", NAMELESS)
def test_the_wizard_asks_how_columns_without_names_are_called(case: str, app: AppTest) -> None:
    name, make, _ = REFUSED[case]
    shown = uploaded(app, name, content_of(make))
    assert not shown.exception
    assert not shown.checkbox[0].value
    proposed = shown.text_input[0].value.split(", ")
    assert len(set(proposed)) == len(proposed) > 0
    assert len(shown.error) <= 1  # of too few rows, or a single column
    assert shown.session_state["used"] == "what was there before"


@pytest.mark.parametrize("case", READ)
def test_the_wizard_takes_it(case: str, app: AppTest) -> None:
    make, _ = READ[case]
    shown = uploaded(app, f"file.{'zip' if case.startswith('zip') else 'csv'}", content_of(make))
    assert not shown.exception
    assert len(shown.error) <= 1  # usable rows may be too few to be cut in parts
    assert shown.selectbox  # what was guessed can be corrected
    assert shown.session_state["used"] == "what was there before"


def test_a_good_file_after_a_bad_one(app: AppTest) -> None:
    uploaded(app, "a.csv", b"\x00")
    shown = uploaded(app, "a.csv", csv())
    assert not shown.error
    shown.button[0].click().run()
    assert shown.session_state["used"].kind == "file"
