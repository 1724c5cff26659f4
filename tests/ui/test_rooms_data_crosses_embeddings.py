"""The Data, Crosses and Embeddings rooms without a browser: what stands in each part."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
from streamlit.runtime.scriptrunner import StopException

from recsys_demo.config.model import TrainingConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.schema import Schema
from recsys_demo.data.specs import SampleSpec
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.entries import CrossEntry
from recsys_demo.studies.embeddings.origins import NEAREST
from recsys_demo.studies.embeddings.settings import (
    PcaSettings,
    ProjectionSettings,
    TsneSettings,
    UmapSettings,
)
from recsys_demo.ui.data.log_change import fitting_crosses
from recsys_demo.ui.embeddings import maps
from recsys_demo.ui.embeddings.choices import EmbeddingChoices
from recsys_demo.ui.embeddings.room import TABS
from recsys_demo.ui.room_choices import content_of
from recsys_demo.ui.state import State
from tests.making.apptesting import lab_at, open_page, text_of

SMALL = State(
    data=SampleSpec(world=WorldConfig(users=200, apps=40, impressions=4_000, exceptions=10)),
    models=("deepfm",),
    training=TrainingConfig(epochs=1),
)


@pytest.fixture(autouse=True)
def _lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab_at(tmp_path, monkeypatch)


def test_the_truth_is_told_only_when_asked_for_and_not_to_a_class_it_is_hidden_from() -> None:
    truth = {"tab": "The truth"}
    assert "planted exceptions" not in text_of(open_page("data", SMALL.with_control("data", truth)))
    asked = SMALL.with_control("data", truth | {"truth": True})
    assert "10 planted exceptions." in text_of(open_page("data", asked))
    hidden = asked.model_copy(update={"hide": ("truth",)})
    assert "planted exceptions" not in text_of(open_page("data", hidden))


def test_a_ready_world_is_taken_and_undone() -> None:
    page = open_page("data", SMALL)
    page.button(key="data.world.only_exceptions").click().run()
    assert page.slider(key="dial.affinity").value == 0
    page.button(key="frame.undo").click().run()
    assert page.slider(key="dial.impressions").value == 4_000


def test_crosses_of_another_log_are_left_out() -> None:
    schema = Schema.parse(
        'label = "y"\nitem = "item"\n[fields]\nitem = {side = "item"}\nage = {side = "user"}\n'
    )
    chosen = (CrossEntry(text="age x item", on=False), CrossEntry(text="installed x app"))
    assert fitting_crosses(chosen, schema, Limits()) == chosen[:1]
    assert fitting_crosses(chosen[1:], schema, Limits()) is None
    assert fitting_crosses(None, schema, Limits()) is None


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("Strongest combinations", "times as often as others who see it"),
        ("Hashing", "share their weight with another one"),
        ("Suggestions", "is over-crossing"),
        ("Overcross", "A linear model is trained twice"),
    ],
)
def test_parts_of_the_crosses_room(tab: str, words: str) -> None:
    page = open_page("crosses", SMALL.with_control("crosses", {"tab": tab}))
    assert words in text_of(page)


def test_a_cross_network_is_trained_and_its_strongest_block_crossed_by_hand() -> None:
    """From the empty tab to Wide trained with what the network multiplies most."""
    state = SMALL.model_copy(update={"crosses": ()})
    asked = state.with_control("crosses", {"tab": "Invented by a model"})
    page = open_page("crosses", asked)
    assert "which crosses it has invented" in text_of(page)
    page.button(key="crosses.learned").click().run()
    told = text_of(page)
    assert "Cross network multiplies" in told
    assert "not in your list" in told
    assert "planted" not in told
    page.toggle(key="crosses.truth").set_value(True).run()
    assert "planted" in text_of(page)
    assert page.button(key="crosses.by_hand").label.endswith("and train Wide with it")
    page.button(key="crosses.by_hand").click().run()
    assert "It is in your list" in text_of(page)
    assert "Wide is trained with" in text_of(page)
    hidden = asked.model_copy(update={"hide": ("learned_crosses",)})
    assert "invented" not in text_of(open_page("crosses", hidden))


def test_a_link_may_ask_the_crosses_room_for_anything() -> None:
    for wish in ({"buckets": 7}, {"draft": "nobody x nothing"}, {"draft": 5}, ["x"], {"by": "?"}):
        page = open_page("crosses", SMALL.with_control("crosses", wish))
        assert not page.exception


def test_embeddings_from_an_empty_room_to_every_part() -> None:
    page = open_page("embeddings", SMALL)
    assert "Nothing is trained yet" in text_of(page)
    train = next(b for b in page.button if b.label == "Train the models with embeddings")
    train.click().run()
    seen = set()
    for tab in TABS:
        shown = open_page("embeddings", SMALL.with_control("embeddings", {"tab": tab}))
        seen.add(text_of(shown))
    assert len(seen) == len(TABS)


def test_the_first_view_is_one_sentence_and_two_maps_and_plays_the_training() -> None:
    page = open_page("embeddings", SMALL)
    next(b for b in page.button if b.label == "Train the models with embeddings").click().run()
    page = open_page("embeddings", SMALL)
    assert "nearest neighbours of each" in text_of(page)
    assert [c.proto.alt.split(", ")[-1] for c in page.get("plotly_chart")] == [
        "before training",
        "after training",
    ]
    page.button(key="embeddings.play").click().run()
    assert "After epoch 0" in text_of(page)
    page.button_group(key="embeddings.view").set_value("more").run()
    assert len(page.tabs) == len(TABS)


def test_two_fields_of_a_factorization_machine_stand_on_one_map_trained_if_need_be() -> None:
    wide_only = SMALL.model_copy(update={"models": ("deep",)})
    link = wide_only.with_control("embeddings", {"view": "pair"})
    train = [b for b in open_page("embeddings", link).button if b.key == "embeddings.train"]
    for button in train:
        button.click().run()
    page = open_page("embeddings", link)
    page.button(key="embeddings.pair.train").click().run()
    page = open_page("embeddings", link.model_copy(update={"models": ("deep", "fm")}))
    assert [c.proto.alt.split(", ")[-1] for c in page.get("plotly_chart")] == ["FM"]
    assert "Hollow: installed, filled: app" in text_of(page)
    page.button(key="embeddings.guess").click().run()
    assert "nearest seen pairs were taken" in text_of(page)
    first, second = (page.selectbox(key=f"embeddings.guess.{end}") for end in ("first", "second"))
    assert first.index is not None
    assert first.options[first.index] not in second.options, "an app one has is not shown again"
    other = next(value for value in second.options if value != second.value)
    before = text_of(page)
    page = second.select(other).run()
    assert text_of(page) != before
    assert len(page.dataframe[0].value) == NEAREST
    page.button(key="embeddings.guess.back").click().run()
    assert "nearest seen pairs" not in text_of(page)


@pytest.mark.parametrize("settings", [PcaSettings(seed=3), UmapSettings(), TsneSettings()])
def test_a_chosen_projection_is_known_again_from_the_link(settings: ProjectionSettings) -> None:
    chosen = EmbeddingChoices(settings=settings, named=False)
    assert EmbeddingChoices.model_validate(content_of(chosen)) == chosen
    assert content_of(EmbeddingChoices()) == {}


def test_a_link_to_a_map_begins_no_work_and_a_click_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = lab_at(tmp_path, monkeypatch)
    page = open_page("embeddings", SMALL)
    next(b for b in page.button if b.label == "Train the models with embeddings").click().run()
    link = SMALL.with_control("embeddings", {"settings": {"kind": "tsne", "iterations": 50}})

    def begun() -> int:
        specs = [lab.store.spec(job_id) for job_id in lab.store.ids()]
        return sum(spec is not None and spec.task == "map" for spec in specs)

    for _ in range(3):
        page = open_page("embeddings", link)
    assert begun() == 0
    assert "This is PCA." in text_of(page)
    next(b for b in page.button if b.label == "Draw with t-SNE").click().run()
    assert begun() == 1
    alts = [chart.proto.alt for chart in open_page("embeddings", link).get("plotly_chart")]
    assert sum(alt.startswith("t-SNE map of") for alt in alts) == 1


def test_another_projection_can_be_chosen_even_if_something_else_is_clicked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page("embeddings", SMALL)
    next(b for b in page.button if b.label == "Train the models with embeddings").click().run()
    page = open_page("embeddings", SMALL.with_control("embeddings", {"view": "more"}))
    with monkeypatch.context() as patch:
        patch.setattr(maps, "_mapped", Mock(side_effect=StopException))  # the run ends here
        page.button_group(key="embeddings.method").set_value("tsne").run()
    page.run().run()  # the job is done at once; here nothing ticks
    alts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert len(alts) == 2
    assert all(alt.startswith("t-SNE map of") for alt in alts)
