"""Every page: opens without an error before anything is trained, and does not hold what a link
hides."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import recsys_demo.ui
from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import FileSpec, FrappeSpec, SampleSpec
from recsys_demo.folders import ROOT
from recsys_demo.ui import models, session
from recsys_demo.ui.hideable import HIDEABLE
from recsys_demo.ui.markdown import harmless
from recsys_demo.ui.rooms import PAGES, Page
from recsys_demo.ui.state import State
from tests.making import apptesting
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.page_contracts import (
    has_heading_and_title_before_its_script,
    says_an_error_in_the_place_of_its_content,
)

SMALL = SampleSpec(world=WorldConfig(users=200, apps=50, impressions=5_000, exceptions=30))


@pytest.fixture(autouse=True)
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_at(tmp_path, monkeypatch)


def drawn(at: AppTest) -> str:
    """The page's own HTML: the rows of the models, once one has begun."""
    return "".join(element.value for element in at.get("html"))


def opened(page: str, state: State) -> AppTest:
    at = open_page(page, state)
    assert not at.exception, at.exception
    return at


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_page_opens_and_says_what_it_is(page: Page) -> None:
    at = opened(page.key, State(data=SMALL))
    assert page.heading in text_of(at)
    assert not at.error


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_page_opens_with_no_model_chosen(page: Page) -> None:
    opened(page.key, State(data=SMALL, models=()))


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.needs_data], ids=lambda page: page.key
)
def test_data_that_are_not_there_are_told_without_a_traceback(page: Page) -> None:
    at = opened(page.key, State(data=FrappeSpec(folder="/nowhere/at/all")))
    assert at.error or "nowhere" in text_of(at)


def test_everything_hideable_can_be_hidden_at_once() -> None:
    hide = tuple(HIDEABLE)
    for room in PAGES:
        at = opened(room.key, State(data=SMALL, hide=hide))
        assert room.heading in text_of(at)
    named = {"Play", "Settings", "Undo", "Share this state", "Stopping", "Seed", "Projector"}
    assert named <= labels(opened("train", State(data=SMALL)))
    assert not named & labels(opened("train", State(data=SMALL, hide=hide)))


def labels(at: AppTest) -> set[str]:
    """Of all that can be pressed or filled in."""
    kinds = ("button", "popover", "number_input", "toggle")
    found = [element for kind in kinds for element in at.get(kind)]
    return {getattr(element, "label", "") or element.proto.popover.label for element in found}


@pytest.mark.parametrize("hide", [(), ("truth",)], ids=["shown", "hidden"])
def test_the_start_page_shows_the_planted_truth_unless_a_lesson_hides_it(
    hide: tuple[str, ...],
) -> None:
    at = opened("start", State(data=SMALL, hide=hide))
    (chart,) = at.get("plotly_chart")
    assert ("the truth" in chart.proto.spec) == (hide == ())
    assert ("the true probabilities" in text_of(at)) == (hide == ())


def test_the_start_page_says_why_there_is_no_map(tmp_path: Path) -> None:
    """In a dense log nothing of the test rows is new; an empty chart would say nothing. Compare
    shows the same."""
    path = tmp_path / "dense.csv"
    rows = [f"{i % 3},{i % 4},{int(i % 5 < 2)}" for i in range(600)]
    path.write_text("\n".join(["user,item,label", *rows]), encoding="utf-8")
    schema = 'label="label"\nuser="user"\nitem="item"\n[fields]\nuser={side="user"}\n'
    data = FileSpec(data=str(path), schema_toml=schema + 'item={side="item"}\n')
    state = State(data=data, models=("wide",), training=TrainingConfig(epochs=1))
    at = opened("start", state)
    assert len(at.get("plotly_chart")) == 1
    at.button(key="start.train").click().run()
    for shown in (at, opened("compare", state)):
        assert "No map: the test rows hold no pairs never seen in training." in text_of(shown)
        chart = shown.get("plotly_chart")[0]  # what can be said of the other axis
        assert "memorizes" in chart.proto.spec


def test_the_start_page_calls_nothing_better_and_offers_more_seeds() -> None:
    quick = TrainingConfig(epochs=1)
    at = opened("start", State(data=SMALL, models=("lr", "wide"), training=quick))
    at.button(key="start.train").click().run()
    text = text_of(at)
    assert "Highest AUC on all rows" in text
    assert "Which model is better cannot be said yet" in text
    assert "better than" not in text
    assert "best" not in text
    at.button(key="start.seeds").click().run()
    assert "Means of 5 trainings each" in text_of(at)
    rows = "".join(element.proto.body for element in at.get("html"))
    assert rows.count("5 of 5 seeds") == 2
    assert "start.seeds" not in [button.key for button in at.button]


def test_every_page_file_is_in_the_menu() -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*.py")}
    assert {"app.py", *files} == {page.file for page in PAGES}


TOY_PAGE = """
from recsys_demo.ui.frame import frame

with frame("toy") as state:
    from recsys_demo.ui.toy.room import toy_room

    toy_room(state)
"""
TOY_ROOM = """
import streamlit as st


def toy_room(state):
    st.caption(f"Toys for seed {state.seed}")
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page more: its folder, its file, and one line in the list of rooms."""
    page = Page("toy", "Toys", ":material/toys:", "Play", needs_data=False)
    PAGES.append(page)
    lab_root = tmp_path / "lab"
    shutil.copytree(ROOT / "pages", lab_root / "pages")
    shutil.copy(ROOT / "app.py", lab_root)
    (lab_root / page.file).write_text(TOY_PAGE)
    (tmp_path / "ui" / "toy").mkdir(parents=True)
    (tmp_path / "ui" / "toy" / "room.py").write_text(TOY_ROOM)
    monkeypatch.setattr(recsys_demo.ui, "__path__", [*recsys_demo.ui.__path__, f"{tmp_path}/ui"])
    monkeypatch.setattr(apptesting, "ROOT", lab_root)
    yield page
    PAGES.remove(page)


def test_a_page_more_costs_its_folder_its_file_and_one_line(
    toy: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in the menu of every page, keeps the contracts of all, and has its address."""
    links = opened("data", State(data=SMALL)).sidebar.get("page_link")
    menu = [link.proto.label for link in links]
    assert menu[: len(PAGES)] == [page.label for page in PAGES]
    test_a_page_opens_and_says_what_it_is(toy)
    assert "Toys for seed 4" in text_of(opened("toy", State(data=SMALL, seed=4)))
    says_an_error_in_the_place_of_its_content(toy, State(data=SMALL), monkeypatch)
    has_heading_and_title_before_its_script(toy, "/")


def test_undo_redo_and_a_new_choice() -> None:
    lesson = State(lesson="Try it", hide=("truth",))
    at = open_page("train", lesson.model_copy(update={"data": SMALL, "seed": 1}))

    def press(key: str) -> None:
        at.button(key=key).click().run()

    def seed() -> int:
        state: State = at.session_state["lab.state"]
        return state.seed

    for number in (2, 3):
        at.number_input(key="train.seed").set_value(number).run()
    press("frame.undo")
    assert seed() == 2
    press("frame.redo")
    assert seed() == 3
    press("frame.undo")
    press("frame.undo")
    assert seed() == 1
    assert at.button(key="frame.undo").disabled
    at.number_input(key="train.seed").set_value(9).run()
    assert at.button(key="frame.redo").disabled  # a new choice ends what could be redone
    assert at.query_params["seed"] in ("9", ["9"])
    press("frame.reset")
    state: State = at.session_state["lab.state"]
    assert state == lesson.model_copy(update={"seed": 9})


def test_the_history_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "HISTORY", 3)
    at = open_page("train", State(data=SMALL))
    for number in range(1, 7):
        at.number_input(key="train.seed").set_value(number).run()
    assert len(at.session_state["lab.undo"]) == 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)
def test_a_schema_with_a_column_that_is_not_there_is_told(page: object, tmp_path: Path) -> None:
    room = next(one for one in PAGES if one is page)
    path = tmp_path / "log.csv"
    rows = [f"{i % 9},{i % 4},{int(i % 5 < 2)}" for i in range(60)]
    path.write_text("\n".join(["user,item,label", *rows]), encoding="utf-8")
    schema = 'label="label"\nuser="user"\nitem="item"\n[fields]\nage={kind="numeric"}\n'
    at = opened(room.key, State(data=FileSpec(data=str(path), schema_toml=schema)))
    assert any("age" in error.value for error in at.error) or "age" in text_of(at)


@pytest.mark.parametrize(
    "text", ["![](http://a.b/c.png)", "![x][y]\n\n[y]: http://a.b", "a ![b](c) ![d](e)"]
)
def test_images_of_a_lesson_become_text(text: str) -> None:
    assert "![" not in harmless(text)


@pytest.mark.parametrize(
    "text",
    [
        "**bold** [link](http://a.b)",
        "[a](https://a.b/c?d=e) [b](/Train?seed=3) [c](?seed=3) [d](Train?seed=3) [e](<http://a>)",
        "a [b]\n\n[b]: https://c.d",
        "<https://a.b> a < b: c",
    ],
)
def test_links_of_a_lesson_to_the_web_and_the_lab_are_kept(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[x](data:text/html,hi)", "[x]\\(data:text/html,hi)"),
        ("[x]( <data:a>)", "[x]\\( \\<data:a>)"),
        ("[x](\n JavaScript:alert(1))", "[x]\\(\n JavaScript:alert(1))"),
        ("[x](d&#97;ta:a)", "[x]\\(d&#97;ta:a)"),
        ("[x](data&colon;a)", "[x]\\(data&colon;a)"),
        ("[x](data\\:a)", "[x]\\(data\\:a)"),
        ("[x][y]\n\n[y]: vbscript:a", "[x][y]\n\n[y]\\: vbscript:a"),
        ("<data:text/html,hi>", "\\<data:text/html,hi>"),
    ],
)
def test_links_of_a_lesson_that_carry_their_content_become_text(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_a_tab_follows_what_another_tab_with_its_link_has_begun() -> None:
    state = State(data=SMALL, models=("wide",), training=TrainingConfig(epochs=1))
    first, second = opened("start", state), opened("start", state)
    assert "<table" not in drawn(second)
    first.button(key="start.train").click().run()
    known = models.job_ids_of(state)
    assert known
    assert models.job_ids_of(state.model_copy(update={"seed": 9})) == frozenset()
    gone = State(data=FrappeSpec(folder="/nowhere/at/all"))
    assert models.job_ids_of(gone) == frozenset()
    assert "<table" in drawn(second.run())
