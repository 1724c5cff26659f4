"""A link that names a file of this machine reads nothing before the person says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.data.allowed_folders import FOLDERS
from recsys_demo.data.specs import SOURCES, FileSpec, FrappeSpec, SampleSpec
from recsys_demo.data.uploads import keep_upload
from recsys_demo.ui import chosen_files
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import State, encode
from tests.making.apptesting import lab_at, text_of
from tests.making.files import csv
from tests.making.sources import TillSpec, sources_at, till_content

ROOT = Path(__file__).parents[2]
SCHEMA = 'label="label"\nuser="user"\nitem="item"\n[fields]\nuser={side="user"}\nitem={side="item"}'


@pytest.fixture(autouse=True)
def _lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "lab"))
    monkeypatch.delenv(FOLDERS, raising=False)
    monkeypatch.setattr(chosen_files, "_of_browser", type(chosen_files._of_browser)())
    lab_at(tmp_path / "lab", monkeypatch)


def clicked(page: str, state: State) -> AppTest:
    """The page as it opens by a link from elsewhere."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in encode(state).items():
        at.query_params[key] = value
    at.run()
    return at if page == "start" else at.switch_page(f"pages/{page}.py").run()


def never(self: object) -> object:
    raise AssertionError("a file was looked at")


@pytest.mark.parametrize("page", [page.key for page in PAGES if (ROOT / page.file).exists()])
def test_no_page_reads_it_unasked(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "till", TillSpec)
    monkeypatch.setattr(TillSpec, "_files", never)
    monkeypatch.setattr(TillSpec, "_read", never)
    at = clicked(page, State(data=TillSpec(folder=str(tmp_path))))
    assert "This link reads a file of this machine" in text_of(at)
    at.button(key="chosen.sample").click()
    if page == "data":
        at.run()
        assert at.session_state["lab.state"].data == SampleSpec()
        assert "This link reads" not in text_of(at)


def test_it_is_read_once_the_person_says_so_and_then_in_every_tab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen_files.visitors, "visitor", lambda: "one browser")
    (tmp_path / "log.csv").write_bytes(csv())
    state = State(data=FileSpec(data=str(tmp_path / "log.csv"), schema_toml=SCHEMA))
    at = clicked("data", state)
    assert "This link reads" in text_of(at)
    at.button(key="chosen.read").click().run()
    assert "This link reads" not in text_of(at)
    assert "60" in text_of(at)
    assert "This link reads" not in text_of(clicked("data", state))
    monkeypatch.setattr(chosen_files.visitors, "visitor", lambda: "another browser")
    assert "This link reads" in text_of(clicked("data", state))


def test_what_is_typed_on_the_page_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "till", TillSpec)
    (tmp_path / "till.csv").write_bytes(till_content())
    at = clicked("data", State().with_control("data", {"source": "till"}))
    at.text_input[0].set_value(str(tmp_path))
    at.button(key="data.till.load").click().run()
    assert isinstance(at.session_state["lab.state"].data, TillSpec)
    assert "This link reads" not in text_of(at)


def test_nobody_is_asked_about_uploads_and_what_the_server_provides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor where others are let in: there it would be refused."""
    monkeypatch.setenv("RECSYS_DEMO_FRAPPE", str(tmp_path / "frappe"))
    upload = keep_upload(csv(), "log.csv")
    kept = tmp_path / "lab" / "uploads" / upload.digest / "log.csv"
    for spec in (
        SampleSpec(),
        FrappeSpec(folder="server:frappe"),
        FrappeSpec(folder=str(tmp_path / "frappe")),
        FileSpec(data=str(upload), schema_toml=SCHEMA),
        FileSpec(data=str(kept), schema_toml=SCHEMA),
    ):
        assert chosen_files.unchosen_files(spec) == []
    other = FileSpec(data=str(upload), items=str(tmp_path / "x.csv"), schema_toml=SCHEMA)
    assert chosen_files.unchosen_files(other) == [str(tmp_path / "x.csv")]
    monkeypatch.setenv(FOLDERS, "")
    assert chosen_files.unchosen_files(other) == []


@pytest.mark.parametrize("kind", SOURCES)
def test_every_kind_of_source_is_asked_about(kind: str) -> None:
    for spec in sources_at(SOURCES[kind], "/dev/zero"):
        assert chosen_files.unchosen_files(spec) == ["/dev/zero"]
