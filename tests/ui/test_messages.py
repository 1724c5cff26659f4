"""An error meant for people is a message wherever a page meets it: while it is drawn, in a
fragment, in a dialog, in a callback. What stood there before stays."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.folders import ROOT
from recsys_demo.lessons.classroom import classes
from recsys_demo.ui import jobs, session
from recsys_demo.ui.classroom import hold
from recsys_demo.ui.rooms import PAGES, Page
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.page_contracts import (
    WORDS,
    errors,
    refuse,
    says_an_error_in_the_place_of_its_content,
)

SMALL = SampleSpec(world=WorldConfig(users=200, apps=50, impressions=5_000, exceptions=30))
STATE = State(data=SMALL, models=("wide", "deep"), training=TrainingConfig(epochs=1))
UI = ROOT / "recsys_demo" / "ui"
CALLBACKS = {"on_click", "on_change", "on_select", "on_dismiss"}
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.key)


@pytest.fixture(autouse=True)
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_at(tmp_path, monkeypatch)


@by_page
def test_an_error_while_a_page_is_drawn(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    says_an_error_in_the_place_of_its_content(page, STATE, monkeypatch)


def controls(block: Any) -> dict[str, Callable[[], Any]]:
    """The controls of a page's own that can be used now, and what using each does."""
    found: dict[str, Callable[[], Any]] = {}
    for child in getattr(block, "children", {}).values():
        found |= controls(child)
    key, is_off = getattr(block, "key", None), getattr(block, "disabled", False)
    match "" if key is None or is_off else block.type:
        case "button":
            found[key] = block.click
        case "toggle":
            found[key] = lambda: block.set_value(not block.value)
        case "selectbox" if block.value in block.options:
            found[key] = lambda: block.select_index(len(block.options) - 1)
        case "number_input" if block.value is not None:
            found[key] = lambda: block.set_value(block.value + block.step)
        case "text_input":
            found[key] = lambda: block.set_value("something else")
    return found


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab that has trained what the state asks for."""
    home = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        lab_at(home, patch)
        open_page("start", STATE).button(key="start.train").click().run()
    return home


@pytest.mark.slow
@by_page
def test_an_error_in_the_callback_of_any_control(
    page: Page, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be chosen and no job begun: whoever tries is told so, and the page stays."""
    lab_at(trained, monkeypatch)
    at = open_page(page.key, STATE)
    monkeypatch.setattr(session, "put", refuse)
    if page.key in ("lessons", "glossary"):  # without a step to undo
        monkeypatch.setattr(session, "look", refuse)
    monkeypatch.setattr(hold, "check", refuse)  # a room's help leads into a lesson
    monkeypatch.setattr(classes, "open_class", refuse)
    monkeypatch.setattr(jobs, "start", refuse)
    monkeypatch.setattr(st, "switch_page", lambda *_, **__: None)  # a page tested alone knows none
    told = []
    for key in controls(at.main):
        if (use := controls(at.main).get(key)) is None:
            continue  # drawn only after another one
        at = use().run()
        found = errors(at)
        assert len(found) <= 1, key
        assert page.heading in text_of(at), key
        told += [key for error in found if WORDS in error]
    assert told, page.key


@pytest.mark.parametrize(
    ("page", "button"),
    [
        ("start", "start.train"),
        ("train", "train.play"),
        ("train", "train.step.batch"),
        ("compare", "compare.train"),
        ("recommend", "recommend.train"),
        ("embeddings", "embeddings.train"),
        ("ablate", "ablate.question.crosses"),
    ],
)
def test_a_full_queue_is_said_where_the_button_was_pressed(
    page: str, button: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page(page, STATE)
    before = text_of(at)
    monkeypatch.setattr(jobs, "start", refuse)
    at.button(key=button).click().run()
    (error,) = errors(at)
    assert WORDS in error
    assert set(before.splitlines()) <= set(text_of(at).splitlines())


def test_what_was_refused_stays_until_the_next_action_or_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = open_page("compare", STATE)
    with monkeypatch.context() as full:
        full.setattr(jobs, "start", refuse)
        at.button(key="compare.train").click().run()
    assert len(errors(at.run())) == 1
    assert errors(at.switch_page("pages/train.py").run()) == []
    assert errors(at.switch_page("pages/compare.py").run()) == []


def drawn_parts() -> None:
    """A page whose fragment and dialog end in errors."""
    import streamlit as st

    from recsys_demo.ui.messages import dialog, fragment, page_refusals, shows_error
    from recsys_demo.ui.widgets import button
    from tests.making.page_contracts import refuse

    def part() -> None:
        st.caption("first half of the part")
        refuse()

    with page_refusals("a page"), shows_error():
        fragment(part, "a part")()
        st.caption("after the part")
        button("Refused", "refused", refuse)
        button("Fine", "fine", lambda: None)
        if st.button("Open", key="open"):
            dialog("A dialog")(part)()
        st.caption("last line")


def test_a_fragment_and_a_dialog_end_in_a_message_and_the_page_goes_on() -> None:
    at = AppTest.from_function(drawn_parts).run()
    assert len(errors(at)) == 1
    assert [c.value for c in at.caption] == [
        "first half of the part",
        "after the part",
        "last line",
    ]
    at.button(key="open").click().run()
    assert len(errors(at)) == 2
    at.button(key="refused").click().run()
    assert len(errors(at)) == 2  # the fragment's, and the button's at the top
    at.button(key="fine").click().run()
    assert len(errors(at)) == 1


def callbacks(node: ast.AST) -> list[ast.expr]:
    """What a call or a mapping of arguments gives Streamlit to call."""
    if isinstance(node, ast.Call):
        return [word.value for word in node.keywords if word.arg in CALLBACKS]
    if isinstance(node, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        return [value for key, value in zip(keys, node.values, strict=True) if key in CALLBACKS]
    return []


def is_guarded(value: ast.expr) -> bool:
    """Whether it is a word for Streamlit itself, or a callback that cannot raise."""
    return isinstance(value, ast.Constant) or ast.unparse(value).startswith("guarded(")


def test_no_callback_and_no_part_of_a_page_is_without_a_guard() -> None:
    """The only way to a callback is `guarded`, to a fragment or dialog the ones of `messages`."""
    bare = []
    for path in sorted(set(UI.rglob("*.py")) - {UI / "messages.py"}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            bare += [ast.unparse(one) for one in callbacks(node) if not is_guarded(one)]
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "st.fragment",
                "st.dialog",
            ):
                bare.append(ast.unparse(node))
    assert bare == []
