"""Every kind is finished, and a further one is met wherever a person would look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys_demo.charts.diagram import describe, diagram
from recsys_demo.cli.settings import with_settings
from recsys_demo.config.component_kinds import KINDS, by_kind, joint_kinds
from recsys_demo.config.components import Kind
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.ranker import Ranker
from recsys_demo.models.size import parameter_count
from recsys_demo.recommendation.components.base import Term
from recsys_demo.recommendation.explanation import Explanation, explain
from recsys_demo.recommendation.sentences import why
from recsys_demo.studies.ablation.axes import axes
from recsys_demo.studies.ablation.grid import subset_cells, whole_model
from recsys_demo.studies.embeddings.vectors import table_names
from recsys_demo.training.reproduce import command_text, python_text
from recsys_demo.training.trainer import Trainer
from recsys_demo.ui.ablate.dials import part_name as dial_name
from recsys_demo.ui.recommend.explanation import part_name
from recsys_demo.ui.state import State
from recsys_demo.ui.train.cards import equation
from tests.making.apptesting import lab_at, open_page, text_of
from tests.making.components import REGISTRIES, TOY, ToyConfig, add_toy, one_of_each, unfinished
from tests.making.recommending import CROSSES, model, recommender, rows, slow_logits

APART = EmbeddingConfig(size=3, shared=False)


def whole(shared: bool = True) -> ModelConfig:
    """One component of every kind."""
    return model(*one_of_each(CROSSES), shared=shared)


def on_sample(config: ModelConfig) -> RunConfig:
    """A run of it on a small sample set."""
    world = WorldConfig(users=60, apps=20, impressions=1_000, exceptions=5)
    return RunConfig(data=SampleSpec(world=world), model=config)


def test_every_kind_is_finished() -> None:
    assert unfinished() == []


@pytest.mark.parametrize("what", [*REGISTRIES, "colour"])
def test_a_kind_left_half_done_is_named(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    add_toy(monkeypatch, without=what)
    assert unfinished() == [f"toy: no {what}"]


def test_a_registry_that_lacks_a_kind_names_it() -> None:
    with pytest.raises(TypeError, match="'deep'"):
        by_kind(linear=1, crosses=1, fm=1)  # type: ignore[call-arg] # that is the point


def test_the_name_of_a_model_takes_a_singular_verb() -> None:
    """Sentences say "X has no vectors" of every model."""
    assert not [preset.label for preset in PRESETS.values() if preset.label.endswith("s")]


@pytest.mark.parametrize("names", ["short", "long", "term", "equation"])
def test_no_two_kinds_have_the_same_name(names: str) -> None:
    told = [getattr(about, names) for about in KINDS.values()]
    assert all(told)
    assert len(set(told)) == len(told)
    assert len({about.table for about in KINDS.values() if about.table}) == sum(
        about.table is not None for about in KINDS.values()
    )


@pytest.mark.parametrize("kind", joint_kinds())
def test_parameters_of_every_kind_are_counted_before_they_are_made(kind: Kind) -> None:
    for shared in (True, False):
        for config in (whole(shared), model(*(p for p in whole().components if p.kind == kind))):
            encoder = fit_encoder(rows(), config)
            assert parameter_count(config, encoder) == Ranker(config, encoder, 0).parameters


def _validate(logits: Any) -> Any:
    return {"all": {"logloss": 0.5}}


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> ModelConfig:
    """A model of every kind, the toy among them."""
    add_toy(monkeypatch)
    return whole()


def test_a_toy_is_read_from_what_it_writes(toy: ModelConfig) -> None:
    assert toy.kinds == tuple(joint_kinds())
    assert ModelConfig.model_validate_json(toy.model_dump_json()) == toy
    with pytest.raises(ValueError, match="greater than 0"):
        ModelConfig.model_validate({"components": [{"kind": "toy", "scale": -1}]})


def test_a_toy_scores_trains_and_explains(toy: ModelConfig) -> None:
    for config in (toy, model(ToyConfig()), toy.model_copy(update={"embedding": APART})):
        fast = recommender(config)
        query = fast.query({"user": "u3", "installed": ["app1"], "age": 33})
        np.testing.assert_allclose(fast.logits(query), slow_logits(config, query), atol=2e-5)
        told = explain(fast, query, "app5")
        assert told.logit == pytest.approx(fast.logits(query)[fast.position("app5")], abs=5e-4)
        assert told.parts["toy"]  # type: ignore[index] # a kind that the lab does not have
        assert fast.item_directions is not None
    encoder = fit_encoder(rows(), toy)
    ranker = Ranker(toy, encoder, 0)
    assert parameter_count(toy, encoder) == ranker.parameters
    part = encoder.encode(rows())
    before = ranker.state()["toy.weight"].clone()
    list(
        Trainer(ranker, part, part, TrainingConfig(epochs=1), 0, _validate, lambda *_: {}).events()
    )
    assert ranker.state()["toy.weight"] != before


def test_a_toy_stands_in_pictures_and_sentences(toy: ModelConfig) -> None:
    for picture in (diagram(toy), diagram(toy.model_copy(update={"embedding": APART}))):
        assert ">toys<" in picture
        assert ">times 1.5<" in picture
        assert "#123456" in picture
    assert "toys" in describe(toy)
    assert TOY.equation in equation(toy)
    assert (part_name("toy"), dial_name("toy")) == ("toy term", "toy part")  # type: ignore[arg-type]
    told = Explanation("app1", "m", (Term("toy", "age=3", ("age",), 2.0),))  # type: ignore[arg-type]
    assert "the toy of age=3" in why(told, "Toy", 0.3)
    assert "toy" in table_names(toy)["embedding"]
    assert table_names(toy.model_copy(update={"embedding": APART}))["embedding_toy"] == "toy"


def test_a_toy_can_be_switched_and_shared_out(toy: ModelConfig) -> None:
    run, schema = on_sample(toy), rows().schema
    switches = {axis.key: [o.key for o in axis.options] for axis in axes(run, schema)}
    assert switches["toy"] == ["no-toy"]
    without = on_sample(model(*(part for part in toy.components if part.kind != "toy")))
    assert ["add-toy"] in [[o.key for o in axis.options] for axis in axes(without, schema)]
    assert whole_model(without, schema).model.has("toy")  # type: ignore[arg-type]
    cells = subset_cells(run)
    assert len(cells) == 2 ** len(joint_kinds())
    assert sum("toy part" in cell.label for cell in cells) == len(cells) // 2


def test_a_toy_is_set_and_told_of_from_the_command_line(toy: ModelConfig) -> None:
    changed = with_settings(on_sample(toy), ["toy.scale=2"]).model.component(ToyConfig)
    assert changed is not None
    assert changed.scale == 2
    assert '"toy"' in python_text(on_sample(toy))
    assert command_text(on_sample(toy)) is None  # no preset has it


def test_a_toy_is_offered_and_drawn_by_the_pages(
    toy: ModelConfig, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab_at(tmp_path, monkeypatch)
    run = on_sample(toy)
    state = State(data=run.data, models=(toy.model_copy(update={"name": "Mine"}), "deep"))
    page = open_page("train", state)
    pills = [group for group in page.button_group if str(group.key).endswith(".parts")]
    assert all("Toys" in group.options for group in pills)
    assert len(pills) == 2
    page = open_page("ablate", state.with_control("ablate", {"ask": "shares", "model": "Mine"}))
    assert "toy part" in text_of(page)
    assert not page.exception
