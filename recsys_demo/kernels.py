"""The few tensor operations worth writing out: each has a slow, plain form as its oracle in a test.

Measured reasons for each stand in benchmarks/RESULTS.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import torch
from torch import Tensor
from torch.nn import functional

Precision = Literal["float32", "bfloat16"]
# Below this many multiplications a plain call costs less than the detour.
_LARGE_PRODUCT = 2**24


@dataclass(frozen=True)
class Touched:
    """The different rows a batch reads, and where each read falls among them.

    `rows` [U] are the different ids, `place` [N] the position in `rows` of each of the N reads.
    """

    rows: Tensor
    place: Tensor


class RowFinder:
    """Finds the different ids of a batch without sorting: one scratch cell per table row."""

    def __init__(self, rows: int) -> None:
        self._cell = torch.zeros(rows, dtype=torch.int64)

    def __call__(self, ids: Tensor) -> Touched:
        """`ids` [N] int64. Costs O(N) whatever the size of the table."""
        order = torch.arange(len(ids))
        self._cell.scatter_(0, ids, order)
        # Of several reads of a row the last one written stays, and so stands for the row.
        rows = ids.masked_select(self._cell.gather(0, ids) == order)
        self._cell.scatter_(0, rows, order[: len(rows)])
        return Touched(rows, self._cell.gather(0, ids))


def sum_by_row(values: Tensor, touched: Touched) -> Tensor:
    """Sum the gradients [N, d] of all reads of a row: [U, d]."""
    total = torch.zeros(len(touched.rows), values.shape[1])
    if values.shape[1] == 1:
        total.view(-1).scatter_add_(0, touched.place, values.reshape(-1))
        return total
    return total.index_put_((touched.place,), values, accumulate=True)


def dropout(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Silence a share of the entries and scale the rest up, so that the expectation stays.

    The mask takes one random byte per entry, so the share is rounded to a multiple of 1/256.
    """
    silenced = round(share * 256)
    words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64)
    words.random_(-(2**63), None, generator=generator)
    kept = words.view(torch.uint8)[: x.numel()].view(x.shape) >= silenced
    return x * kept * (256 / (256 - silenced))


def linear(x: Tensor, weight: Tensor, bias: Tensor, precision: Precision) -> Tensor:
    """x W^T + b for x [n, i], W [o, i], b [o]; the products in the given number format."""
    if precision == "bfloat16" or x.shape[0] * weight.numel() >= _LARGE_PRODUCT:
        return cast(Tensor, _Linear.apply(x, weight, bias, precision))
    return functional.linear(x, weight, bias)


class _Linear(torch.autograd.Function):
    """A linear layer whose three products go through the fastest routine there is."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, precision: Precision) -> Tensor:
        ctx.precision = precision
        x, weight = _as_precision(x, precision), _as_precision(weight, precision)
        ctx.save_for_backward(x, weight)
        return _product(x, weight).float().add_(bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        gradient = gradients[0]
        rounded = _as_precision(gradient, ctx.precision)
        of_x = _product(rounded, weight.t()).float() if ctx.needs_input_grad[0] else None
        of_weight = _product(rounded.t(), x.t()).float()
        return of_x, of_weight, gradient.sum(0), None


def _as_precision(x: Tensor, precision: Precision) -> Tensor:
    return x.to(torch.bfloat16) if precision == "bfloat16" else x


def _product(a: Tensor, b: Tensor) -> Tensor:
    """a b^T for a [n, k], b [m, k]."""
    if a.dtype == torch.bfloat16 or _ONEDNN is None:
        return functional.linear(a, b)
    return cast(Tensor, _ONEDNN(a, b, None, "none", [], ""))


def _onednn_product() -> Any:
    """oneDNN's float32 product, where this build of torch has it and it works as expected.

    torch multiplies float32 matrices with MKL, which on processors of other makers leaves half of
    the speed unused.
    """
    try:
        product = torch.ops.mkldnn._linear_pointwise
        a, b = torch.arange(6.0).view(2, 3), torch.arange(12.0).view(3, 4).t()
        works = torch.equal(product(a, b, None, "none", [], ""), a @ b.t())
    except (AttributeError, RuntimeError, NotImplementedError):
        return None
    return product if works else None


_ONEDNN = _onednn_product()
