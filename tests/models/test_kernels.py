"""Every compiled loop and every product against its plain form."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from recsys_demo.config.optimizers import Sgd
from recsys_demo.features.encoder import Layout
from recsys_demo.models import products
from recsys_demo.models.components.base import (
    Batch,
    Vectors,
    gather_vectors,
    read_vectors,
    sum_weights,
)
from recsys_demo.models.components.fm import interactions
from recsys_demo.models.kernels import layers
from recsys_demo.models.network import dropout
from recsys_demo.models.parameters import RowFinder, Table
from recsys_demo.models.products import one_thread, product

LAYOUTS = [Layout(2, 1, (3,)), Layout(3, 0, ()), Layout(0, 2, (2, 4)), Layout(0, 0, (5,))]
ROWS, TABLE_ROWS = 12, 9


def random_floats(*shape: int) -> Any:
    return np.random.default_rng(2).standard_normal(shape).astype(np.float32)


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), max_size=20))
def test_row_finder_finds_what_unique_finds(ids: list[list[int]]) -> None:
    reads = np.array(ids, dtype=np.int32).reshape(-1, 3)
    find = RowFinder(21)
    find(np.array([[4, 4, 1]], dtype=np.int32))  # and forgets the batch before
    touched = find(reads)
    assert sorted(touched.rows.tolist()) == sorted(set(reads.ravel().tolist()) - {0})
    found = np.append(touched.rows, 0)[touched.place]  # -1 is padding
    assert found.tolist() == reads.tolist()


def test_row_finder_answers_the_same_ids_once() -> None:
    find, ids = RowFinder(5), np.array([[4, 4, 1]], dtype=np.int32)
    assert find(ids) is find(ids)
    assert find(ids.copy()) is not find(ids)


def batch_of(layout: Layout) -> Batch:
    """Random rows, some values of the multi-valued fields missing."""
    random = np.random.default_rng(1)
    width = layout.single + layout.numeric + sum(layout.multi)
    ids = random.integers(1, TABLE_ROWS, (ROWS, width)).astype(np.int32)
    multi = ids[:, layout.single + layout.numeric :]
    multi[random.random(multi.shape) < 0.5] = 0
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(random_floats(ROWS, layout.numeric)),
        torch.zeros(ROWS, 0, dtype=torch.int32),
        torch.zeros(ROWS),
        layout,
    )


def slow_vectors(weight: torch.Tensor, batch: Batch) -> torch.Tensor:
    """One vector after the other: [n, F, d]."""
    layout, rows = batch.layout, []
    for ids, positions in zip(batch.ids.tolist(), batch.positions, strict=True):
        found = [weight[i] for i in ids[: layout.single]]
        at = layout.single + layout.numeric
        numeric = ids[layout.single : at]
        found += [weight[i] * x for i, x in zip(numeric, positions, strict=True)]
        for width in layout.multi:
            there = [i for i in ids[at : at + width] if i]
            found.append(weight[there].sum(0) / max(1, len(there)))
            at += width
        rows.append(torch.stack(found))
    return torch.stack(rows)


def slow_sums(weight: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The sum of a row's weights: [n]."""
    single, numeric = batch.layout.single, batch.layout.numeric
    factors = torch.ones(batch.ids.shape)
    factors[:, single : single + numeric] = batch.positions
    return (weight[batch.ids.long()][:, :, 0] * factors).sum(1)


def gradient_of(slow: Callable[[torch.Tensor], torch.Tensor], given: Any, at: Any) -> Any:
    """What autograd says of a plain form."""
    leaf = torch.from_numpy(np.asarray(at)).clone().requires_grad_()
    slow(leaf).backward(torch.from_numpy(given))
    return leaf.grad


@pytest.mark.parametrize("update", ["touched", "all"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_vectors_and_their_gradients_are_those_of_the_plain_reading(
    layout: Layout, update: Any
) -> None:
    batch = batch_of(layout)
    table = Table(torch.from_numpy(random_floats(TABLE_ROWS, 3)), Sgd(), update)
    vectors = read_vectors(table, batch)
    torch.testing.assert_close(vectors.all, slow_vectors(table.weight, batch))
    vectors.gradient[:] = given = random_floats(*vectors.gradient.shape)
    gather_vectors(table, batch, vectors)
    expected = gradient_of(lambda weight: slow_vectors(weight, batch), given, table.values)
    check_gathered(table, expected)


@pytest.mark.parametrize("update", ["touched", "all"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_sums_and_their_gradients_are_those_of_the_plain_reading(
    layout: Layout, update: Any
) -> None:
    batch = batch_of(layout)
    table = Table(torch.from_numpy(random_floats(TABLE_ROWS, 1)), Sgd(), update)
    ids, positions, _, _ = batch.arrays
    sums, backward = sum_weights(table, ids, positions, layout.single)
    torch.testing.assert_close(torch.from_numpy(sums), slow_sums(table.weight, batch))
    backward(given := random_floats(ROWS))
    expected = gradient_of(lambda weight: slow_sums(weight, batch), given, table.values)
    check_gathered(table, expected)


def check_gathered(table: Table, expected: torch.Tensor) -> None:
    """A step of plain descent moves each row by its gradient, and never the padding."""
    before = table.weight.clone()
    table.step(ROWS)
    expected[0] = 0
    torch.testing.assert_close(before - table.weight, 0.1 * expected)


@pytest.mark.parametrize("order", [2, 3, 4, 5])
@pytest.mark.parametrize("fields", [1, 2, 6])
def test_interactions_are_all_products_of_different_vectors(fields: int, order: int) -> None:
    values = random_floats(3, fields, 2)
    vectors = Vectors(torch.from_numpy(values), Layout(fields, 0, ()))
    out, backward = interactions(vectors, order)

    def slow(vectors: torch.Tensor) -> torch.Tensor:
        total = 0 * vectors.sum((1, 2))
        for degree in range(2, order + 1):
            for chosen in combinations(range(fields), degree):
                total = total + vectors[:, list(chosen)].prod(1).sum(1)
        return total

    torch.testing.assert_close(torch.from_numpy(out), slow(vectors.all), rtol=1e-4, atol=1e-5)
    backward(given := random_floats(3))
    found = torch.from_numpy(vectors.gradient)
    torch.testing.assert_close(found, gradient_of(slow, given, values), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("skipped", [(0, 0), (0, 2), (1, 3), (3, 5)])
def test_joining_leaves_the_skipped_columns_out(skipped: tuple[int, int]) -> None:
    vectors, numbers = random_floats(6, 5), random_floats(6, 2)
    expected = np.concatenate([np.delete(vectors, slice(*skipped), axis=1), numbers], axis=1)
    out = np.empty_like(expected)
    layers.join(vectors, skipped, numbers, out)
    np.testing.assert_array_equal(out, expected)
    gathered = np.ones_like(vectors)
    layers.add_joined(expected, skipped, gathered)
    kept = np.delete(np.arange(5), slice(*skipped))
    np.testing.assert_allclose(gathered[:, kept] - 1, vectors[:, kept], rtol=1e-5)
    assert (np.delete(gathered, kept, axis=1) == 1).all()


def test_log_loss_is_torchs_in_value_and_gradient() -> None:
    logits = np.concatenate([random_floats(50) * 5, [-200, 200, 0]]).astype(np.float32)
    labels = (np.arange(len(logits)) % 2).astype(np.float32)
    gradient = np.empty_like(logits)
    value = layers.log_loss(logits, labels, gradient)

    def slow(z: torch.Tensor) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(z, torch.from_numpy(labels))

    assert value == pytest.approx(float(slow(torch.from_numpy(logits))), rel=1e-5)
    expected = gradient_of(slow, np.array(1, dtype=np.float32), logits)
    torch.testing.assert_close(torch.from_numpy(gradient), expected)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_so(bad: float) -> None:
    """Or training would not see that it diverged."""
    logits = np.array([[0.5, bad]], dtype=np.float32)
    assert not np.isfinite(layers.log_loss(logits[0], np.zeros_like(logits[0]), logits[0].copy()))
    layers.rectify(logits)
    assert logits[0, 0] == 0.5
    assert logits[0, 1] == 0 if bad == -np.inf else not np.isfinite(logits[0, 1])


@pytest.mark.parametrize("rows", [7, 600])  # small and large
@pytest.mark.parametrize("shared", [1, 250])
def test_products_are_those_of_the_definition(rows: int, shared: int) -> None:
    a, b = random_floats(rows, shared), random_floats(130, shared)
    expected = a.astype(np.float64) @ b.T.astype(np.float64)
    with one_thread():
        np.testing.assert_allclose(product(a, b, "float32"), expected, rtol=1e-4, atol=1e-4)
        out = np.empty((rows, 130), dtype=np.float32)
        product(np.asfortranarray(a), np.asfortranarray(b), "float32", out)
    np.testing.assert_allclose(out, expected, rtol=1e-4, atol=1e-4)


def test_a_product_in_bfloat16_is_the_rounded_one() -> None:
    a, b = random_floats(50, 40), random_floats(30, 40)
    rounded = [torch.from_numpy(x).bfloat16().double() for x in (a, b)]
    expected = (rounded[0] @ rounded[1].T).numpy()
    np.testing.assert_allclose(product(a, b, "bfloat16"), expected, rtol=1e-2, atol=5e-2)


def test_without_onednn_a_large_product_is_torchs(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = torch.randn(5, 4), torch.randn(3, 4)
    monkeypatch.setattr(products, "_ONEDNN", None)
    assert torch.equal(products._large(a, b), functional.linear(a, b))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_expectation_and_the_share(share: float) -> None:
    kept = dropout((400, 500), share, torch.Generator().manual_seed(3))
    silenced = float((kept == 0).mean())
    spread = (share * (1 - share) / kept.size) ** 0.5
    assert abs(silenced - round(share * 256) / 256) < 5 * spread
    assert np.unique(kept).tolist() == pytest.approx([0, 256 / (256 - round(share * 256))])
    again = dropout((400, 500), share, torch.Generator().manual_seed(3))
    assert np.array_equal(kept, again)


def test_dropout_treats_all_eight_bytes_of_a_word_alike() -> None:
    kept = dropout((20_000, 8), 0.5, torch.Generator().manual_seed(1))
    by_byte = (kept == 0).mean(0)
    assert float(np.abs(by_byte - 0.5).max()) < 0.02
