"""What a lesson can hide: one list, offered whole by a lab that has drawn one page only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys_demo.ui.hideable import HIDEABLE
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page

ROOT = Path(__file__).parents[2]
DRAWING = [*(ROOT / "recsys_demo" / "ui").glob("**/*.py"), *(ROOT / "pages").glob("*.py")]


def asked(path: Path) -> Iterator[ast.expr]:
    """What a file asks `session.hidden` about."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "session.hidden":
            yield node.args[0]


def test_the_list_holds_exactly_what_the_rooms_ask_about() -> None:
    names = {
        ast.literal_eval(name)  # written out, so that this test and readers find it
        for path in DRAWING
        for name in asked(path)
    }
    assert names == set(HIDEABLE)


@pytest.mark.parametrize("name", HIDEABLE)
def test_a_name_can_stand_in_a_link(name: str) -> None:
    assert "," not in name
    assert name == name.strip()
    assert len(name) <= 60


def test_a_fresh_lab_offers_the_controls_of_every_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab_at(tmp_path, monkeypatch)
    at = open_page("start", State(hide=("nonsense", "toolbar")))
    at.button(key="frame.lesson").click().run()
    assert not at.exception
    (box,) = [box for box in at.multiselect if box.label == "Controls to hide"]
    rooms = {text.split(":")[0] for text in box.options}
    assert {"Data", "Crosses", "Train", "Compare", "Recommend", "Ablate"} <= rooms
    assert rooms - {page.label for page in PAGES} <= {"Every room", "Several rooms"}
    assert len(box.options) == len(HIDEABLE)
