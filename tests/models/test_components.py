"""Components against their formulas, and on data planted to show what each is for."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from torch import nn

from recsys_demo.config.components import CrossesConfig, DeepConfig, FmConfig, LinearConfig
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Adam, Ftrl
from recsys_demo.data.interactions import Interactions
from recsys_demo.features.encoder import fit_encoder
from recsys_demo.models.components.base import as_batch, read_vectors
from recsys_demo.models.components.deep import ACTIVATIONS, Deep
from recsys_demo.models.components.fm import anova_kernels, interactions
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.training.trainer import Trainer
from tests.making.logs import random_log, two_fields


@given(st.integers(1, 6), st.integers(1, 4), st.integers(2, 5), st.integers(0, 1000))
@settings(deadline=None)
def test_fm_is_the_sum_over_all_products_of_different_fields(
    fields: int, size: int, order: int, seed: int
) -> None:
    vectors = torch.randn(3, fields, size, generator=torch.Generator().manual_seed(seed)).double()
    slow = torch.zeros(3, dtype=torch.float64)
    for degree in range(2, order + 1):
        for chosen in combinations(range(fields), degree):
            slow += vectors[:, chosen].prod(1).sum(1)
    torch.testing.assert_close(interactions(vectors, order), slow)


def test_order_two_by_the_identity_equals_order_two_by_the_kernel() -> None:
    vectors = torch.randn(5, 7, 4).double()
    torch.testing.assert_close(interactions(vectors, 2), anova_kernels(vectors, 2)[1].sum(1))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_deep_is_a_stack_of_torch_layers(activation: str, batch_norm: bool) -> None:
    config = DeepConfig(hidden=(5, 4), activation=activation, batch_norm=batch_norm)  # type: ignore[arg-type] # parametrized
    deep = Deep(config, inputs=6, seed=1)
    modules: list[nn.Module] = []
    names = {
        "relu": nn.ReLU,
        "tanh": nn.Tanh,
        "sigmoid": nn.Sigmoid,
        "leaky_relu": nn.LeakyReLU,
        "gelu": nn.GELU,
    }
    for layer, (fan_in, fan_out) in enumerate([(6, 5), (5, 4), (4, 1)]):
        plain = nn.Linear(fan_in, fan_out)
        plain.weight.data = deep.parameters[f"weight{layer}"].detach().clone()
        plain.bias.data = deep.parameters[f"bias{layer}"].detach().clone()
        modules.append(plain)
        if layer < 2:
            modules += [nn.BatchNorm1d(fan_out)] if batch_norm else []
            modules.append(names[activation]())
    twin = nn.Sequential(*modules)
    for training in (True, False):
        twin.train(training)
        x = torch.randn(9, 6)
        torch.testing.assert_close(deep.activations(x, training)[-1], twin(x))


def test_vectors_are_rows_means_and_scaled_rows() -> None:
    rows = random_log(30)
    encoder = fit_encoder(rows, ModelConfig(components=(FmConfig(),)))
    ranker = Ranker(ModelConfig(components=(FmConfig(),)), encoder, 0)
    table = ranker.embeddings["embedding"]
    encoded = encoder.encode(rows)
    vectors = read_vectors(table, as_batch(encoded))
    codes, offsets = encoder.fields.encode(rows.frame), encoder.fields.offsets()
    for row in range(len(rows)):
        for position, field in enumerate(encoder.fields.single_fields):
            expected = table.weight[offsets[field] + codes.of(field)[row, 0]]
            assert torch.equal(vectors.categorical[row, position], expected)
        ids = [c + offsets["installed"] for c in codes.of("installed")[row] if c >= 0]
        mean = table.weight[ids].sum(0) / max(1, len(ids))
        torch.testing.assert_close(vectors.categorical[row, -1], mean)
        scaled = table.weight[offsets["age"]] * float(codes.positions["age"][row])
        torch.testing.assert_close(vectors.numeric[row, 0], scaled)


LINEAR = LinearConfig(optimizer=Ftrl(alpha=0.5, l1=0.0))
CROSS = CrossesConfig(crosses=("a x b",), optimizer=Ftrl(alpha=0.5, l1=0.0))
TABLE = EmbeddingConfig(size=4, init_std=0.3, optimizer=Adam(learning_rate=0.03))
NETWORK = DeepConfig(hidden=(16,), optimizer=Adam(learning_rate=0.03))


def test_auc(train: Interactions, test: Interactions, *components: object) -> float:
    model = ModelConfig(components=components, embedding=TABLE)  # type: ignore[arg-type] # as given
    encoder = fit_encoder(train, model)
    ranker = Ranker(model, encoder, 0, train.base_rate)
    encoded = encoder.encode(train)
    trainer = Trainer(
        ranker,
        encoded,
        encoded,
        TrainingConfig(batch_size=128, epochs=12, patience=12),
        0,
        validate=lambda logits: {"all": {"logloss": -float(roc_auc_score(train.labels, logits))}},
        progressive=lambda labels, logits: {},
    )
    for _ in trainer.events():
        pass
    return float(roc_auc_score(test.labels, score(ranker, encoder.encode(test))))


test_auc.__test__ = False  # type: ignore[attr-defined] # a helper that computes the test AUC


def test_xor_needs_a_cross() -> None:
    rows = two_fields("xor")
    assert test_auc(rows, rows, LINEAR) < 0.6
    assert test_auc(rows, rows, LINEAR, CROSS) > 0.99


def test_affinity_of_unseen_pairs_needs_factors_and_no_cross_helps() -> None:
    rows = two_fields("affinity", rows=6000, cardinality=20)
    pair = rows.frame["a"].astype("str") + rows.frame["b"].astype("str")
    held_out = np.random.default_rng(0).permutation(pair.unique())[:40]
    unseen = pair.isin(held_out).to_numpy()
    train, test = rows.take(~unseen), rows.take(unseen)
    assert test_auc(train, test, LINEAR, FmConfig()) > 0.85
    assert test_auc(train, test, NETWORK) > 0.85
    assert test_auc(train, test, LINEAR, CROSS) < 0.75
