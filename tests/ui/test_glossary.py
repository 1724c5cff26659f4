"""The glossary on the pages: its own page, hints, the help of every room, and all their labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import FileSpec, SampleSpec
from recsys_demo.lessons.files import built_in
from recsys_demo.lessons.glossary import glossary, terms_in
from recsys_demo.lessons.messages import messages
from recsys_demo.ui.glossary.choices import CONTROL
from recsys_demo.ui.lessons import moves
from recsys_demo.ui.lessons.room_help import STEPS
from recsys_demo.ui.rooms import PAGES
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.field_terms import unexplained

PLAIN = State(
    data=SampleSpec(world=WorldConfig(users=200, apps=60, impressions=6_000, exceptions=40)),
    training=TrainingConfig(epochs=1),
    models=("wide", "deepfm"),
)
LISTS = "lists"  # the section of Compare that shows more once they are made
# What a room shows behind a choice, as (room, choices).
VIEWS: tuple[tuple[str, dict[str, object]], ...] = (
    *(("compare", {"section": section}) for section in ("curves", "fit", "online", "papers")),
    *(("compare", {"section": section}) for section in ("cost", LISTS)),
    *(("recommend", {"view": view}) for view in ("why", "change", "funnel", "numbers")),
    ("recommend", {"reveal": True}),
    *(("embeddings", {"view": view}) for view in ("pair", "more")),
    ("embeddings", {"view": "more", "tab": "Understood?"}),
    *(("ablate", {"ask": ask}) for ask in ("flip", "grid", "shares")),
    ("ablate", {"experiment": "off"}),
    *(("crosses", {"tab": tab}) for tab in ("Suggestions", "Overcross", "Invented by a model")),
)
OWN_LOG = "data", "train"  # rooms that show more of a log of one's own
# Seen for few logs (without labels, or with a field that gives them away), or not by its name: the
# rings on curves.
SELDOM = {"negatives", "leak", "ring"}


@pytest.fixture(scope="module", autouse=True)
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        lab_at(tmp_path_factory.mktemp("lab"), patch)
        open_page("start", PLAIN).button(key="start.train").click().run()
        yield


def labels(at: AppTest) -> list[str]:
    """Labels and options of controls, headings of columns and tables; no text of a person."""
    assert not at.exception, at.exception
    found = []
    for node in at._tree:
        proto = getattr(node, "proto", None)
        for name in ("label", "options", "popover", "expandable"):
            value = getattr(proto, name, ())
            values = [value] if isinstance(value, str) else _texts(value)
            found += [text for text in values if text]
    told = (re.sub(r"\$[^$]*\$", "", str(element.value)) for element in at.get("markdown"))
    return [*found, *told]


def _texts(value: object) -> list[str]:
    if isinstance(label := getattr(value, "label", None), str):
        return [label]
    try:
        return [one if isinstance(one, str) else getattr(one, "content", "") for one in value]  # type: ignore[attr-defined]  # a repeated field of strings or of options
    except TypeError:
        return []


def views(page: str, folder: Path) -> Iterator[AppTest]:
    """A room in all its views, and where it shows more of one with a log of one's own."""
    at = open_page(page, PLAIN)
    yield at
    if page == "train":
        for place in range(len(PLAIN.models)):
            yield at.button(key=f"train.settings.{place}").click().run()
    for room, choices in VIEWS:
        if room == page:
            at = open_page(page, PLAIN.with_control(room, choices))
            yield at
            if choices.get("section") == LISTS:
                yield next(one for one in at.button if one.label == "Make the lists").click().run()
    if page in OWN_LOG:
        yield open_page(page, PLAIN.model_copy(update={"data": own_log(folder)}))


def own_log(folder: Path) -> FileSpec:
    """A small one."""
    rows = [f"{i % 9},{i % 4},{int(i % 5 < 2)}" for i in range(600)]
    (folder / "log.csv").write_text("\n".join(["user,item,label", *rows]), encoding="utf-8")
    roles = 'label="label"\nuser="user"\nitem="item"\n'
    fields = '[fields]\nuser={side="user"}\nitem={side="item"}\n'
    return FileSpec(data=str(folder / "log.csv"), schema_toml=roles + fields)


def shown(at: AppTest) -> str:
    """What can be read on the page, in its charts and tables too."""
    tables = (table.value.head(20).to_string() for table in at.dataframe)
    charts = (chart.proto.spec for chart in at.get("plotly_chart"))
    return "\n".join([text_of(at), *labels(at), *tables, *charts]).replace("\\", "")


@pytest.mark.parametrize("page", [page.key for page in PAGES])
def test_pages_and_glossary_know_each_other(page: str, tmp_path: Path) -> None:
    """No label uses a term that the glossary lacks, and each term is where its link leads."""
    seen = set[str]()
    for at in views(page, tmp_path):
        assert {term: label for label in labels(at) for term in unexplained(label)} == {}
        seen |= {term.key for term in terms_in(shown(at))}
    assert {term.key for term in glossary().of_room(page)} - SELDOM <= seen


def test_the_page_finds_terms_by_word_and_by_room() -> None:
    at = open_page("glossary", PLAIN)
    texts = messages("en")
    assert all(term.text(texts)[:20] in text_of(at).replace("\\", "") for term in glossary().terms)
    at.text_input(key="glossary.word").set_value("ftrl").run()
    assert "FTRL" in text_of(at)
    assert "Procrustes" not in text_of(at)
    at.text_input(key="glossary.word").set_value("no such word").run()
    assert texts.text("glossary_page.none") in text_of(at)
    here = open_page("glossary", PLAIN.with_control(CONTROL, {"room": "recommend"}))
    assert "Funnel" in text_of(here)
    assert "FTRL" not in text_of(here)
    unknown = open_page("glossary", PLAIN.with_control(CONTROL, {"room": "attic"}))
    assert "FTRL" in text_of(unknown)


def test_the_page_speaks_the_language_that_is_chosen() -> None:
    at = open_page("glossary", PLAIN.model_copy(update={"language": "zh-CN"}))
    assert messages("zh-CN").text("glossary_page.intro") in text_of(at).replace("\\", "")


@pytest.mark.parametrize("page", [page.key for page in PAGES if page.needs_data])
def test_the_help_of_a_room_leads_to_the_step_that_explains_it(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves.st, "switch_page", lambda *_, **__: None)
    (key, step) = next(step for room, step in STEPS.items() if room == page)
    assert built_in(key).lesson.step(step).key == step
    at = open_page(page, PLAIN)
    assert messages("en").text(f"{key}.{step}.title") in text_of(at).replace("\\", "")
    at.button(key="room_help.step").click().run()
    state: State = at.session_state["lab.state"]
    assert state.led == f"{key}.{step}"


def test_words_carry_their_meaning_as_a_hint() -> None:
    at = open_page("crosses", PLAIN.with_control("crosses", {"tab": "Overcross"}))
    (told,) = [one.help for one in at.select_slider if one.label.startswith("L1")]
    for term in ("l1", "ftrl"):
        assert messages("en").text(f"glossary.{term}.text") in told.replace("\\", "")
