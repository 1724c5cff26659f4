"""Components against their formulas, and on data planted to show what each is for."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from torch import nn

from recsys_demo.config.components import (
    ComponentConfig,
    CrossesConfig,
    CrossNetworkConfig,
    DeepConfig,
    FmConfig,
    LinearConfig,
)
from recsys_demo.config.model import EmbeddingConfig, ModelConfig, TrainingConfig
from recsys_demo.config.optimizers import Adam, Ftrl
from recsys_demo.data.interactions import Interactions
from recsys_demo.errors import InputError
from recsys_demo.features.encoder import Layout, fit_encoder
from recsys_demo.models.components.base import Vectors, as_batch, read_vectors
from recsys_demo.models.components.cross_network import CrossNetwork
from recsys_demo.models.components.deep import Deep
from recsys_demo.models.components.fm import Fm
from recsys_demo.models.network import ACTIVATIONS
from recsys_demo.models.parameters import seeded
from recsys_demo.models.ranker import Ranker, score
from recsys_demo.training.trainer import Trainer
from tests.making.logs import log, random_log, three_fields, two_fields

ROWS = random_log(30)
FM_ONLY = ModelConfig(components=(FmConfig(),))


def test_weights_of_pairs_multiply_the_products_and_start_as_plain_fm() -> None:
    vectors = Vectors(torch.randn(5, 4, 3), Layout(4, 0, ()))
    plain = Fm(FmConfig(order=3), 4, Adam())
    weighted = Fm(FmConfig(order=3, field_weights=True), 4, Adam())
    batch = as_batch(fit_encoder(ROWS, FM_ONLY).encode(ROWS))
    at_first = plain.logits(batch, vectors, training=False)
    torch.testing.assert_close(weighted.logits(batch, vectors, training=False), at_first)
    weighted.state()["pairs"].copy_(torch.randn(6))

    def slow(state: dict[str, torch.Tensor], chosen: torch.Tensor) -> torch.Tensor:
        total = torch.zeros(5)
        for r, (i, j) in zip(state["pairs"], combinations(range(4), 2), strict=True):
            total = total + r * (chosen[:, i] * chosen[:, j]).sum(1)
        for triple in combinations(range(4), 3):
            total = total + chosen[:, triple].prod(1).sum(1)
        return total

    check_against(weighted, slow, vectors, batch)


def check_against(component: Any, slow: Any, vectors: Vectors, batch: Any) -> None:
    """Logits and all gradients of a component are those of its plain form by autograd."""
    leaves = {name: value.clone().requires_grad_() for name, value in component.state().items()}
    chosen = vectors.all.clone().requires_grad_()
    expected = slow(leaves, chosen)
    found, backward = component.forward(batch, vectors)
    torch.testing.assert_close(torch.from_numpy(found), expected, rtol=1e-4, atol=1e-4)
    upstream = torch.randn(expected.shape)
    expected.backward(upstream)
    backward(upstream.numpy())
    torch.testing.assert_close(
        torch.from_numpy(vectors.gradient), chosen.grad, rtol=1e-3, atol=1e-3
    )
    for name, leaf in leaves.items():
        own = torch.from_numpy(component.parameters.gradients[name])
        torch.testing.assert_close(own, leaf.grad, rtol=1e-3, atol=1e-3)


def drawn_cross_network(config: CrossNetworkConfig, inputs: int) -> CrossNetwork:
    network = CrossNetwork(config, inputs, seed=1)
    for tensor in network.state().values():
        tensor.copy_(torch.randn(tensor.shape, generator=torch.Generator().manual_seed(3)))
    return network


@given(st.integers(1, 4), st.sampled_from([None, 1, 2]), st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_the_cross_network_is_its_recursion_by_loops(
    layers: int, rank: int | None, seed: int
) -> None:
    network, d = drawn_cross_network(CrossNetworkConfig(layers=layers, rank=rank), 5), 5
    start = torch.randn(3, d, generator=torch.Generator().manual_seed(seed))
    state = {name: value.tolist() for name, value in network.state().items()}
    crossed, _ = network.crossed(start.numpy())
    for row, found in zip(start.tolist(), crossed.tolist(), strict=True):
        x = list(row)
        for layer in range(layers):
            if rank is None:
                matrix = state[f"weight{layer}"]
            else:
                up, down = state[f"up{layer}"], state[f"down{layer}"]
                matrix = [
                    [sum(up[i][r] * down[r][j] for r in range(rank)) for j in range(d)]
                    for i in range(d)
                ]
            product = [sum(matrix[i][j] * x[j] for j in range(d)) for i in range(d)]
            x = [row[i] * (product[i] + state[f"bias{layer}"][i]) + x[i] for i in range(d)]
        assert found == pytest.approx(x, rel=1e-3, abs=1e-3 * max(map(abs, x)))


@pytest.mark.parametrize("rank", [None, 2])
def test_the_cross_networks_gradients_are_those_of_autograd(rank: int | None) -> None:
    network = drawn_cross_network(CrossNetworkConfig(layers=3, rank=rank), 6)
    batch = as_batch(fit_encoder(ROWS, FM_ONLY).encode(ROWS))

    def slow(state: dict[str, torch.Tensor], chosen: torch.Tensor) -> torch.Tensor:
        start = x = chosen.flatten(1)
        for layer in range(3):
            name = f"weight{layer}"
            matrix = state[name] if name in state else state[f"up{layer}"] @ state[f"down{layer}"]
            x = start * (x @ matrix.T + state[f"bias{layer}"]) + x
        return x @ state["last"]

    check_against(network, slow, Vectors(torch.randn(5, 3, 2) / 3, Layout(3, 0, ())), batch)


def test_a_fresh_cross_network_has_no_crosses_yet() -> None:
    for config in (CrossNetworkConfig(layers=3), CrossNetworkConfig(layers=3, rank=2)):
        start = torch.randn(4, 6)
        crossed, _ = CrossNetwork(config, 6, seed=0).crossed(start.numpy())
        assert np.array_equal(crossed, start.numpy())


def test_the_cross_network_is_as_large_as_published() -> None:
    """Four layers on 100 numbers have 40,501 parameters with the bias (Frappe_x1)."""
    fields = "\n".join(f'f{i}={{side="user"}}' for i in range(1, 10))
    rows = log(
        {"label": [0, 1], **{f"f{i}": ["x", "y"] for i in range(10)}},
        f'label="label"\nitem="f0"\n[fields]\nf0={{side="item"}}\n{fields}\n',
    )
    size = EmbeddingConfig(size=10)

    def own(config: CrossNetworkConfig) -> int:
        made = ModelConfig(components=(config,), embedding=size)
        encoder = fit_encoder(rows, made)
        vectors = (encoder.fields.table_rows - 1) * size.size
        return Ranker(made, encoder, 0).parameters - vectors

    assert own(CrossNetworkConfig(layers=4)) == 40_501
    assert own(CrossNetworkConfig(layers=4, rank=30)) == 4 * (2 * 100 * 30 + 100) + 100 + 1
    with pytest.raises(InputError, match="less than 50"):
        own(CrossNetworkConfig(rank=50))


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
        x = torch.randn(9, 6, requires_grad=True)
        found, layers = deep.network.forward(x.detach().numpy(), training, "float32")
        expected = twin(x).squeeze(1)
        torch.testing.assert_close(torch.from_numpy(found), expected)
        upstream = torch.randn(9)
        twin.zero_grad()
        expected.backward(upstream)
        of_x = deep.network.backward(upstream.numpy(), layers, "float32")
        torch.testing.assert_close(torch.from_numpy(of_x), x.grad)
        for own, plain in zip(deep.parameters.gradients.values(), twin.parameters(), strict=True):
            torch.testing.assert_close(torch.from_numpy(own), plain.grad)


def test_dropout_silences_forward_and_backward_alike() -> None:
    """A network of one linear layer is linear in its inputs, whatever is silenced."""
    config = DeepConfig(hidden=(40,), activation="leaky_relu", dropout=0.5)
    deep = Deep(config, inputs=6, seed=1)
    x, step = np.random.default_rng(0).standard_normal((2, 9, 6)).astype(np.float32)
    logits, layers = deep.network.forward(x, True, "float32")
    of_x = deep.network.backward(np.ones(9, dtype=np.float32), layers, "float32")
    deep.network.generator = seeded(1, "deep.dropout")
    moved, _ = deep.network.forward(x + 1e-3 * step, True, "float32")
    np.testing.assert_allclose(moved - logits, 1e-3 * (of_x * step).sum(1), atol=2e-5)
    assert not np.array_equal(logits, deep.network.forward(x, False, "float32")[0])


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
CROSS_NETWORK = CrossNetworkConfig(optimizer=Adam(learning_rate=0.03))
NETWORK = DeepConfig(hidden=(16,), optimizer=Adam(learning_rate=0.03))


def auc_of(
    train: Interactions, test: Interactions, *components: ComponentConfig, size: int = 4
) -> float:
    table = TABLE.model_copy(update={"size": size})
    model = ModelConfig(components=components, embedding=table)
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


def test_xor_needs_a_cross() -> None:
    rows = two_fields("xor")
    assert auc_of(rows, rows, LINEAR) < 0.6
    assert auc_of(rows, rows, LINEAR, CROSS) > 0.99


def test_affinity_of_unseen_pairs_needs_factors_and_no_cross_helps() -> None:
    rows = two_fields("affinity", rows=6000, cardinality=20)
    pair = rows.frame["a"].astype("str") + rows.frame["b"].astype("str")
    held_out = np.random.default_rng(0).permutation(pair.unique())[:40]
    unseen = pair.isin(held_out).to_numpy()
    train, test = rows.take(~unseen), rows.take(unseen)
    assert auc_of(train, test, LINEAR, FmConfig()) > 0.85
    assert auc_of(train, test, CROSS_NETWORK) > 0.85
    assert auc_of(train, test, NETWORK) > 0.85
    assert auc_of(train, test, LINEAR, CROSS) < 0.75


def test_three_way_xor_needs_three_at_a_time() -> None:
    """What no pair tells: FM of order 2 and a cross network of one layer see pairs only."""
    train, test = three_fields("xor"), three_fields("xor", seed=1)
    for blind in (LINEAR, FmConfig()), (LINEAR, CROSS_NETWORK.model_copy(update={"layers": 1})):
        assert auc_of(train, test, *blind) < 0.6
    for seeing in (
        (LINEAR, CROSS.model_copy(update={"crosses": ("a x b x c",)})),
        (FmConfig(order=3),),
        (CROSS_NETWORK,),
        (NETWORK,),
    ):
        assert auc_of(train, test, *seeing) > 0.95, seeing


def test_pairs_that_contradict_each_other_need_weights_of_pairs() -> None:
    """One number per value cannot give a b and a c one sign and b c the other."""
    train, test = three_fields("signed"), three_fields("signed", seed=1)
    plain = auc_of(train, test, LINEAR, FmConfig(), size=1)
    weighted = auc_of(train, test, LINEAR, FmConfig(field_weights=True), size=1)
    assert weighted > max(plain + 0.03, 0.95)
