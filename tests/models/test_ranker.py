"""The traps of DESIGN: what must hold for every preset and every set of components."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys_demo.config.component_kinds import KINDS, joint_kinds
from recsys_demo.config.components import (
    ComponentConfig,
    DeepConfig,
    FmConfig,
    LinearConfig,
)
from recsys_demo.config.model import EmbeddingConfig, ModelConfig
from recsys_demo.config.presets import PRESETS, with_crosses
from recsys_demo.errors import InputError
from recsys_demo.features.encoder import Encoder, fit_encoder
from recsys_demo.limits import Limits
from recsys_demo.models.components.base import as_batch
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.models.size import embedding_names, parameter_count
from tests.making.components import one_of_each, subsets
from tests.making.logs import random_log

PARTS = one_of_each(["installed x app"])
SUBSETS = subsets(["installed x app"])
ROWS = random_log(60)
GIVEN = {kind for kind, about in KINDS.items() if about.sparse}  # weights drawn by `build`


def build(config: ModelConfig, seed: int = 0) -> tuple[Ranker, Encoder]:
    encoder = fit_encoder(ROWS, config)
    ranker = Ranker(config, encoder, seed, base_rate=0.3)
    generator = torch.Generator().manual_seed(5)
    for name, tensor in ranker.state().items():
        if "weights" in name:  # linear weights start at zero; give them something to say
            tensor[1:] = torch.randn(tensor[1:].shape, generator=generator)
    return ranker, encoder


@pytest.mark.parametrize("parts", SUBSETS, ids=lambda p: "+".join(c.kind for c in p))
def test_parts_add_up_to_the_logit(parts: tuple[ComponentConfig, ...]) -> None:
    ranker, encoder = build(ModelConfig(components=parts))
    batch = as_batch(encoder.encode(ROWS))
    with torch.no_grad():
        by_part = ranker.parts(batch)
        assert list(by_part) == ["bias", *[c.kind for c in parts]]
        torch.testing.assert_close(sum(by_part.values()), ranker.logits(batch))


@pytest.mark.parametrize("parts", SUBSETS, ids=lambda p: "+".join(c.kind for c in p))
def test_adding_a_component_does_not_move_another(parts: tuple[ComponentConfig, ...]) -> None:
    whole, encoder = build(ModelConfig(components=PARTS))
    some, _ = build(ModelConfig(components=parts))
    batch = as_batch(encoder.encode(ROWS))
    with torch.no_grad():
        expected = whole.parts(batch)
        fresh = {k: v for k, v in some.parts(batch).items() if k not in GIVEN}
        for kind, logits in fresh.items():
            assert torch.equal(logits, expected[kind])


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("kind", joint_kinds())
def test_no_component_holds_the_bias_or_an_embedding_table(kind: str, shared: bool) -> None:
    """Apart or shared, the tables are the ranker's; a component's own numbers are none of them."""
    model = ModelConfig(components=PARTS, embedding=EmbeddingConfig(size=3, shared=shared))
    ranker, encoder = build(model)
    component = ranker.components[kind]
    rankers = {t.weight.untyped_storage().data_ptr() for t in ranker.embeddings.values()}
    rankers.add(ranker.bias.flat.untyped_storage().data_ptr())
    for name, tensor in component.state().items():
        assert tensor.untyped_storage().data_ptr() not in rankers, name
        has_a_vector_per_value = len(tensor) == encoder.fields.table_rows and tensor.ndim > 1
        assert not (has_a_vector_per_value and tensor.shape[1] > 1), name
    assert all(table.weight.shape[1] == 1 for _, table in component.tables())


@pytest.mark.parametrize("shared", [True, False])
def test_the_rankers_bias_and_tables_are_what_the_parts_read(shared: bool) -> None:
    model = ModelConfig(components=PARTS, embedding=EmbeddingConfig(size=3, shared=shared))
    ranker, encoder = build(model)
    batch = as_batch(encoder.encode(ROWS))

    def moved(tensor: torch.Tensor) -> set[str]:
        with torch.no_grad():
            before = {name: part.clone() for name, part in ranker.parts(batch).items()}
            tensor += 0.5
            return {n for n, part in ranker.parts(batch).items() if not part.equal(before[n])}

    tables = {name: moved(table.weight[1:]) for name, table in ranker.embeddings.items()}
    readers = {kind: about.table for kind, about in KINDS.items() if about.table is not None}
    apart = {table: {kind} for kind, table in readers.items()}
    assert tables == ({"embedding": set(readers)} if shared else apart)
    assert moved(ranker.bias.flat) == {"bias"}


def test_separating_the_embeddings_does_not_move_deeps_start() -> None:
    parts = (FmConfig(), DeepConfig(hidden=(4,)))
    shared, encoder = build(ModelConfig(components=parts))
    apart, _ = build(ModelConfig(components=parts, embedding=EmbeddingConfig(shared=False)))
    batch = as_batch(encoder.encode(ROWS))
    with torch.no_grad():
        assert torch.equal(shared.parts(batch)["deep"], apart.parts(batch)["deep"])
        assert not torch.equal(shared.parts(batch)["fm"], apart.parts(batch)["fm"])


@given(st.permutations(range(60)), st.integers(1, 60))
@settings(deadline=None, max_examples=20)
def test_a_row_does_not_depend_on_the_others(order: list[int], count: int) -> None:
    ranker, encoder = build(ModelConfig(components=PARTS))
    index = np.array(order[:count])
    alone = score(ranker, encoder.encode(ROWS.take(index)))
    np.testing.assert_allclose(alone, score(ranker, encoder.encode(ROWS))[index], atol=1e-5)


def test_a_fresh_ranker_predicts_the_base_rate_where_it_knows_nothing() -> None:
    encoder = fit_encoder(ROWS, ModelConfig(components=(LinearConfig(),)))
    ranker = Ranker(ModelConfig(components=(LinearConfig(),)), encoder, 0, base_rate=0.3)
    probabilities = 1 / (1 + np.exp(-score(ranker, encoder.encode(ROWS))))
    np.testing.assert_allclose(probabilities, 0.3, rtol=1e-6)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("lr", {"linear"}),
        ("fm", {"linear", "fm"}),
        ("wide", {"linear", "crosses"}),
        ("deep", {"deep"}),
        ("wide_deep", {"linear", "crosses", "deep"}),
        ("deepfm", {"linear", "fm", "deep"}),
        ("wide_deep_plain", {"linear", "deep"}),
        ("fm_dnn", {"linear", "fm", "deep"}),
        ("cross_net", {"cross_network"}),
        ("dcn_v2", {"cross_network", "deep"}),
        ("trees", {"trees"}),
    ],
)
def test_presets_are_what_the_papers_say(key: str, parts: set[str]) -> None:
    model = PRESETS[key].model
    assert {part.kind for part in model.components} == parts
    assert model.name == key
    tables = set(embedding_names(model).values())
    assert len(tables) == {"lr": 0, "wide": 0, "fm_dnn": 2, "trees": 0}.get(key, 1)


def test_papers_optimizers_are_the_defaults() -> None:
    parts = {part.kind: part for part in PRESETS["wide_deep"].model.components}
    kinds = {name: part.optimizer.kind for name, part in parts.items() if part.kind != "fm"}
    assert kinds == {"linear": "ftrl", "crosses": "ftrl", "deep": "adagrad"}
    assert PRESETS["wide_deep"].model.embedding.optimizer.kind == "adagrad"


@pytest.mark.parametrize("key", [key for key, own in PRESETS.items() if not own.model.alone])
def test_parameters_are_counted_before_they_are_made(key: str) -> None:
    model = with_crosses(PRESETS[key].model, ("installed x app", "country x age"))
    encoder = fit_encoder(ROWS, model)
    assert parameter_count(model, encoder) == Ranker(model, encoder, 0).parameters


def test_a_model_over_the_limit_is_refused_with_its_size() -> None:
    encoder = fit_encoder(ROWS, PRESETS["deep"].model)
    with pytest.raises(InputError, match=r"parameters; expected at most 1,000"):
        Ranker(PRESETS["deep"].model, encoder, 0, limits=Limits(parameters=1000))


def test_padding_rows_stay_zero_and_seeds_differ() -> None:
    one, _ = build(ModelConfig(components=PARTS), seed=1)
    two, _ = build(ModelConfig(components=PARTS), seed=2)
    for (name, table), (_, other) in zip(one.tables(), two.tables(), strict=True):
        assert not table.weight[0].any(), name
        if name == "embedding":
            assert not torch.equal(table.weight, other.weight)
