"""A file of one's own in the Data room: what it is taken for, and the link that stands for it."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.config import fit
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.allowed_folders import FOLDERS
from recsys_demo.data.specs import FileSpec, FrappeSpec, MovieLensSpec, SampleSpec
from recsys_demo.data.uploads import upload_of
from recsys_demo.ui.data import uploads
from recsys_demo.ui.state import State, encode
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.files import csv, zipped_as
from tests.making.movielens import FORMS


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DEMO_HOME", str(tmp_path / "lab"))
    monkeypatch.setenv(FOLDERS, "")
    lab_at(tmp_path / "lab", monkeypatch)
    return tmp_path / "lab"


def own_file(*files: tuple[str, bytes], state: State | None = None) -> AppTest:
    """The settings of a file of one's own, these files given."""
    at = open_page("data", (state or State()).with_control("data", {"source": "file"}))
    return at.file_uploader[0].set_value([(n, c, "text/plain") for n, c in files]).run()


def state_of(at: AppTest) -> State:
    found = at.session_state["lab.state"]
    assert isinstance(found, State)
    return found


def enough(form: str) -> dict[str, bytes]:
    """A download of this form with as many ratings as can be cut in parts."""
    draw = random.Random(1)
    rows = [f"{i % 2 + 1},{(1, 2, 10, 11)[i % 4]},{draw.randrange(1, 6)},{i}" for i in range(120)]
    between = {"ml-1m": "::", "ml-10M100K": "::", "ml-100k": "\t"}.get(form, ",")
    lines = [row.replace(",", between) for row in rows]
    name = next(name for name in FORMS[form] if name in ("ratings.dat", "u.data", "ratings.csv"))
    header = [FORMS[form][name].decode().splitlines()[0]] if name.endswith("csv") else []
    return {**FORMS[form], name: "\n".join([*header, *lines, ""]).encode()}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", ["zip", "files"])
def test_movielens_is_offered_as_what_it_is(form: str, way: str) -> None:
    files = enough(form)
    if way == "zip":
        inside = {f"{form}/{name}": content for name, content in files.items()}
        at = own_file((f"{form}.zip", zipped_as(inside)))
    else:
        kinds = ("csv", "dat", "data", "item", "user")
        at = own_file(*((n, c) for n, c in files.items() if n.endswith(kinds)))
    assert "This is MovieLens as it is downloaded" in text_of(at)
    assert [error.value for error in at.error] == []
    at.button(key="data.file.load").click().run()
    assert [error.value for error in at.error] == []
    used = state_of(at).data
    assert isinstance(used, MovieLensSpec)
    assert used.path.startswith("upload:")
    assert "rows" in text_of(at).lower()


def test_other_files_are_not_taken_for_movielens() -> None:
    assert uploads.recognized([("ratings.csv", b"a,b\n1,2\n")]) is None
    assert uploads.recognized([("log.csv", csv()), ("movies.csv", b"a\n1\n")]) is None
    assert uploads.recognized([]) is None


def test_the_same_files_make_the_same_upload_in_any_order() -> None:
    files = [("b.dat", b"1"), ("a.dat", b"2")]
    assert uploads.as_one_file(files, "x") == uploads.as_one_file(files[::-1], "x")


def test_a_link_names_an_upload_by_its_content_and_finds_it_again(home: Path) -> None:
    at = own_file(("my log.csv", csv()))
    at.button(key="data.use").click().run()
    state = state_of(at)
    assert isinstance(state.data, FileSpec)
    assert str(home.parent) not in json.dumps(state.model_dump(mode="json"))
    assert not open_page("data", state).error

    shutil.rmtree(home / "uploads")
    gone = open_page("data", state)
    assert [error.value.count("my") for error in gone.error] == [1], "told once, by its name"
    assert "Upload it again" in gone.error[0].value
    assert str(home) not in gone.error[0].value
    assert "You will see what is guessed" not in text_of(gone)
    for page in ("start", "train", "crosses"):
        assert len(open_page(page, state).error) == 1

    again = gone.file_uploader[0].set_value([("another name.csv", csv(), "text/csv")]).run()
    assert not again.error
    assert encode(state_of(again)) == encode(state)
    assert "60" in text_of(again)


def test_another_file_than_the_links_is_a_file_of_its_own(home: Path) -> None:
    at = own_file(("log.csv", csv()))
    at.button(key="data.use").click().run()
    state = state_of(at)
    shutil.rmtree(home / "uploads")
    other = open_page("data", state).file_uploader[0]
    at = other.set_value([("log.csv", csv("u1,i1,3,a,1"), "text/csv")]).run()
    assert at.button(key="data.use")
    assert state_of(at).data == state.data


def test_to_look_at_a_source_is_no_step_to_undo() -> None:
    at = open_page("data", State())
    for source in ("file", "movielens", "frappe"):
        at.button_group[0].set_value(source).run()
        assert dict(state_of(at).controls)["data"] == {"source": source}, "it is in the link"
        assert at.button(key="frame.undo").disabled
    at.button_group[0].set_value("sample").run()
    at.button(key="data.world.only_exceptions").click().run()
    at.button(key="frame.undo").click().run()
    assert state_of(at).data == SampleSpec()


def test_a_server_started_again_shows_no_chip_of_a_file_it_does_not_know(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key() -> str:
        at = open_page("data", State().with_control("data", {"source": "file"}))
        return str(at.file_uploader[0].key)

    before = key()
    assert key() == before
    monkeypatch.setattr(uploads, "_SERVER", "another")
    assert key() != before


def test_the_link_of_a_log_the_server_provides_holds_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.making.frappe import LOG

    lines = [f"{i % 3}\t{i % 7}\t1\tmorning\tsunday" for i in range(60)]
    header = "\t".join(LOG.split("\n", maxsplit=1)[0].split("\t")[:5])
    rest = "isweekend\thomework\tweather\tcountry\tcity"
    values = "weekend\thome\tsunny\tSpain\t1"
    text = [f"{header}\t{rest}", *(f"{line}\t{values}" for line in lines)]
    folder = tmp_path / "frappe"
    folder.mkdir()
    (folder / "frappe.csv").write_text("\n".join([*text, ""]))
    items = [f"{i}\tApp {i}" for i in range(20)]
    (folder / "apps.csv").write_text("\n".join(["item\tname", *items, ""]))
    monkeypatch.setenv("RECSYS_DEMO_FRAPPE", str(folder))
    for confined in (True, False):
        if not confined:
            monkeypatch.delenv(FOLDERS)
        at = open_page("data", State().with_control("data", {"source": "frappe"}))
        assert len(at.text_input) == (0 if confined else 1)
        at.button(key="data.frappe.load").click().run()
        assert state_of(at).data == FrappeSpec(folder="server:frappe")
        assert not at.error


def test_columns_without_names_are_named_and_used(home: Path) -> None:
    rows = [f"{i % 7},{100 + i % 9},{i * 3 % 2},{1_700_000_000 + i}" for i in range(120)]
    at = own_file(("log.csv", "\n".join([*rows, ""]).encode()))
    names = at.text_input[0]
    assert names.value == "user, item, label, time"
    names.set_value("who, what, taken").run()
    assert "not as many names as columns" in at.error[0].value
    at.text_input[0].set_value("who, what, taken, when").run()
    assert not at.error
    at.button(key="data.use").click().run()
    used = state_of(at).data
    assert isinstance(used, FileSpec)
    schema = used.known_schema()
    assert schema.header == ("who", "what", "taken", "when")
    assert (schema.label, schema.item) == ("taken", "what")
    assert len(used.read().log) == 120
    assert not open_page("data", state_of(at)).error


def test_files_of_people_and_items_come_beside_the_log_in_any_order(home: Path) -> None:
    rows = [f"u{i % 12},i{i % 9},{i * 3 % 2}" for i in range(240)]
    people = [f"u{i},{('vegan', 'all')[i % 2]}" for i in range(12)]
    items = [f"i{i},{('meat', 'bread', 'milk')[i % 3]}" for i in range(9)]
    given = {
        "people.csv": ["user,diet", *people],
        "log.csv": ["user,item,label", *rows],
        "items.csv": ["item,kind", *items],
    }
    at = own_file(*((name, "\n".join([*lines, ""]).encode()) for name, lines in given.items()))
    at.button(key="data.use").click().run()
    used = state_of(at).data
    assert isinstance(used, FileSpec)
    named = {role: upload_of(path) for role, path in used.paths().items()}
    assert {role: upload.name for role, upload in named.items() if upload is not None} == {
        "data": "log.csv",
        "items": "items.csv",
        "users": "people.csv",
    }
    fields = used.known_schema().fields
    assert (fields["diet"].side, fields["kind"].side) == ("user", "item")
    assert state_of(at).crosses is not None  # chosen, and said in the link
    assert not open_page("data", state_of(at)).error


def test_a_first_line_taken_for_names_can_be_said_to_be_a_row(home: Path) -> None:
    rows = [f"anna{i},film{i % 9},{i * 3 % 2}" for i in range(60)]
    at = own_file(("log.csv", "\n".join(["zoe,film9,yes", *rows, ""]).encode()))
    at.checkbox[0].uncheck().run()
    at.text_input[0].set_value("user, item, label").run()
    assert not at.error
    at.button(key="data.use").click().run()
    used = state_of(at).data
    assert isinstance(used, FileSpec)
    assert len(used.read().log) == 61


def test_presets_fit_the_log_that_is_taken_over_until_train_says_otherwise(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "FEWEST_ROWS", 100)
    rows = [f"u{i % 12},i{i % 9},{i * 3 % 2}" for i in range(240)]
    at = own_file(("log.csv", "\n".join(["user,item,label", *rows, ""]).encode()))
    at.button(key="data.use").click().run()
    told = "168 training rows for 21 field values"
    assert told in text_of(at)
    begun = state_of(at)
    assert (begun.fit, begun.training) == (fit.Fit(), fit.TRAINING)

    room = open_page("train", begun)
    assert told in text_of(room)
    room.toggle(key="train.fit").set_value(False).run()
    assert (state_of(room).fit, state_of(room).training) == (None, TrainingConfig())
    assert "they may overfit" in text_of(room)
    room.toggle(key="train.fit").set_value(True).run()
    assert state_of(room).fit == fit.Fit()

    before = begun.model_copy(update={"fit": None, "training": TrainingConfig(epochs=3)})
    assert "they may overfit" in text_of(open_page("train", before))
    assert "Presets as they are" not in text_of(open_page("train", State()))
