"""Every fast operation against its plain form."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from recsys_demo import kernels
from recsys_demo.kernels import RowFinder, dropout, linear, sum_by_row


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


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.integers(1, 3))
def test_sum_by_row_adds_every_read_of_a_row(ids: list[int], size: int) -> None:
    reads = torch.tensor(ids)
    values = torch.arange(float(len(ids) * size)).view(-1, size)
    touched = RowFinder(10)(reads)
    total = sum_by_row(values, touched)
    for position, row in enumerate(touched.rows.tolist()):
        expected = sum(values[i] for i, read in enumerate(ids) if read == row)
        assert torch.equal(total[position], expected)


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
