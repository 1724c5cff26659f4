"""Every fast operation against its plain form."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from recsys_demo.models import kernels
from recsys_demo.models.kernels import (
    Bags,
    RowFinder,
    bag_starts,
    dropout,
    join_columns,
    linear,
    pair_interactions,
    sum_bags,
)


@given(st.lists(st.integers(0, 20), max_size=60))
def test_row_finder_finds_what_unique_finds(ids: list[int]) -> None:
    reads = torch.tensor(ids, dtype=torch.int64)
    touched = RowFinder(21)(reads)
    assert sorted(touched.rows.tolist()) == sorted(set(ids))
    assert touched.rows[touched.place].tolist() == ids


def test_row_finder_forgets_the_batch_before() -> None:
    find = RowFinder(5)
    find(torch.tensor([4, 4, 1]))
    assert sorted(find(torch.tensor([0, 1])).rows.tolist()) == [0, 1]


@given(st.lists(st.integers(0, 20), max_size=60))
def test_row_finder_marks_what_unique_finds(ids: list[int]) -> None:
    reads = torch.tensor(ids, dtype=torch.int32)
    assert RowFinder(21).different(reads).tolist() == sorted(set(ids))


def test_row_finder_answers_the_same_ids_once() -> None:
    find, ids = RowFinder(5), torch.tensor([[4, 4, 1]], dtype=torch.int32)
    assert find(ids) is find(ids)
    assert find.different(ids) is find.different(ids)
    assert find(ids.clone()) is not find(ids)


@settings(deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=12), st.integers(1, 3)
)
def test_bags_are_weighted_sums_and_so_are_their_gradients(bags: list[list[int]], d: int) -> None:
    ids = torch.tensor([i for bag in bags for i in bag], dtype=torch.int32)
    weights = torch.linspace(0.5, 2, len(ids))
    starts = np.cumsum([0, *map(len, bags)]).astype(np.int32)
    values = torch.linspace(-1, 1, 10 * d).view(10, d)
    fast, slow = values.clone().requires_grad_(), values.clone().requires_grad_()
    out = sum_bags(fast, Bags(ids, weights, starts))
    expected = torch.stack(
        [
            sum((weights[i] * slow[ids[i]] for i in range(a, b)), torch.zeros(d))
            for a, b in pairwise(starts.tolist())
        ]
    )
    torch.testing.assert_close(out, expected)
    upstream = torch.randn(expected.shape)
    out.backward(upstream)
    if expected.requires_grad:
        expected.backward(upstream)
    slow_gradient = torch.zeros(10, d) if slow.grad is None else slow.grad
    torch.testing.assert_close(fast.grad, slow_gradient)


def test_bag_starts_count_the_widths_row_by_row() -> None:
    assert bag_starts(2, (1, 1, 3)).tolist() == [0, 1, 2, 5, 6, 7, 10]
    assert bag_starts(3, ()).tolist() == [0]
    assert bag_starts(2, (0,)).tolist() == [0, 0, 0]


def test_pair_interactions_are_those_of_the_definition() -> None:
    torch.manual_seed(0)
    fast = torch.randn(5, 4, 3, dtype=torch.float64, requires_grad=True)
    slow = fast.detach().clone().requires_grad_()
    expected = sum((slow[:, i] * slow[:, j]).sum(1) for i in range(4) for j in range(i))
    out = pair_interactions(fast)
    torch.testing.assert_close(out, expected)
    upstream = torch.randn(5, dtype=torch.float64)
    out.backward(upstream)
    expected.backward(upstream)
    torch.testing.assert_close(fast.grad, slow.grad)


@pytest.mark.parametrize("skipped", [slice(0, 0), slice(0, 2), slice(1, 3), slice(3, 5)])
def test_join_columns_is_a_plain_cat(skipped: slice) -> None:
    torch.manual_seed(0)
    fast, numbers = torch.randn(6, 5, 2, requires_grad=True), torch.randn(6, 2)
    slow = fast.detach().clone().requires_grad_()
    kept = torch.cat([slow[:, : skipped.start], slow[:, skipped.stop :]], dim=1)
    expected = torch.cat([kept.flatten(1), numbers], dim=1)
    out = join_columns(fast, skipped, numbers)
    assert torch.equal(out, expected)
    upstream = torch.randn_like(out)
    out.backward(upstream)
    expected.backward(upstream)
    assert torch.equal(fast.grad, slow.grad)


@pytest.mark.parametrize("rows", [7, 600])
def test_linear_equals_torch_in_value_and_gradient(rows: int) -> None:
    torch.manual_seed(0)
    shapes = [(rows, 250), (130, 250), (130,)]
    fast = [torch.randn(shape, requires_grad=True) for shape in shapes]
    slow = [tensor.detach().clone().requires_grad_() for tensor in fast]
    out = linear(*fast, "float32")
    expected = functional.linear(*slow)
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-4)
    upstream = torch.randn_like(out)
    out.backward(upstream)
    expected.backward(upstream)
    for ours, theirs in zip(fast, slow, strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-3)


def test_linear_in_bfloat16_is_the_rounded_product() -> None:
    torch.manual_seed(0)
    x, w, b = torch.randn(50, 40), torch.randn(30, 40), torch.randn(30)
    expected = (x.bfloat16().double() @ w.bfloat16().double().T).float() + b
    torch.testing.assert_close(linear(x, w, b, "bfloat16"), expected, rtol=1e-2, atol=5e-2)


def test_without_onednn_the_product_is_torchs(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = torch.randn(5, 4), torch.randn(3, 4)
    monkeypatch.setattr(kernels, "_ONEDNN", None)
    assert torch.equal(kernels._product(a, b), functional.linear(a, b))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_expectation_and_the_share(share: float) -> None:
    x = torch.ones(400, 500)
    out = dropout(x, share, torch.Generator().manual_seed(3))
    silenced = float((out == 0).float().mean())
    spread = (share * (1 - share) / x.numel()) ** 0.5
    assert abs(silenced - round(share * 256) / 256) < 5 * spread
    assert torch.unique(out).tolist() == pytest.approx([0, 256 / (256 - round(share * 256))])
    again = dropout(x, share, torch.Generator().manual_seed(3))
    assert torch.equal(out, again)


def test_dropout_treats_all_eight_bytes_of_a_word_alike() -> None:
    out = dropout(torch.ones(20_000, 8), 0.5, torch.Generator().manual_seed(1))
    by_byte = (out == 0).float().mean(0)
    assert float((by_byte - 0.5).abs().max()) < 0.02
