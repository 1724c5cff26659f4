"""The few tensor operations worth writing out: each has a slow, plain form as its oracle in a test.

Measured reasons for each stand in benchmarks/RESULTS.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csc_array, csr_array
from torch import Tensor
from torch.nn import functional

Precision = Literal["float32", "bfloat16"]
# Below this many multiplications a plain call costs less than the detour.
_LARGE_PRODUCT = 2**24


@dataclass(frozen=True, eq=False)
class Touched:
    """The different rows a batch reads, and where each read falls among them.

    `rows` [U] int64 are the different ids, `place` [N] int32 the position in `rows` of each of the
    N reads.
    """

    rows: Tensor
    place: Tensor


class RowFinder:
    """Finds the different ids of a batch without sorting: one scratch cell per table row.

    Tables that are read by the same ids share the finder, and so the answer.
    """

    def __init__(self, rows: int) -> None:
        self._cell = torch.zeros(rows, dtype=torch.int64)
        self._mark = torch.zeros(rows, dtype=torch.bool)
        self._order = torch.arange(0)
        self._touched: tuple[Tensor, Touched] | None = None
        self._different: tuple[Tensor, Tensor] | None = None

    def __call__(self, ids: Tensor) -> Touched:
        """`ids` integers of any shape. Costs O(N) whatever the size of the table."""
        if self._touched is None or self._touched[0] is not ids:
            self._touched = ids, self._find(ids.reshape(-1).long())
        return self._touched[1]

    def different(self, ids: Tensor) -> Tensor:
        """The different ids in rising order [U]. Costs O(N + rows of the table)."""
        if self._different is None or self._different[0] is not ids:
            self._mark.zero_().index_fill_(0, ids.reshape(-1).long(), True)
            # numpy finds the marks three times as fast as torch.
            self._different = ids, torch.from_numpy(np.flatnonzero(self._mark.numpy()))
        return self._different[1]

    def _find(self, ids: Tensor) -> Touched:
        if len(self._order) < len(ids):
            self._order = torch.arange(len(ids))
        order = self._order[: len(ids)]
        self._cell.scatter_(0, ids, order)
        # Of several reads of a row the last one written stays, and so stands for the row.
        rows = ids.masked_select(self._cell.gather(0, ids) == order)
        self._cell.scatter_(0, rows, order[: len(rows)])
        return Touched(rows, self._cell.gather(0, ids).int())


@dataclass(frozen=True, eq=False)
class Bags:
    """Which values go into which sum: a sparse matrix in compressed rows.

    Bag r holds the reads from `starts[r]` to before `starts[r + 1]`; a read i stands for
    `weights[i]` times value number `ids[i]`. `ids` [N] and `starts` [R + 1] are int32,
    `weights` is [N].
    """

    ids: Tensor
    weights: Tensor
    starts: npt.NDArray[np.int32]


@lru_cache(maxsize=8)
def bag_starts(rows: int, widths: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """The starts of bags of these widths side by side in each of `rows` rows."""
    ends = np.cumsum(widths)
    width = int(ends[-1]) if len(ends) else 0
    inner = np.arange(rows).reshape(-1, 1) * width + ends
    return np.concatenate([[0], inner.reshape(-1)]).astype(np.int32)


def sum_bags(values: Tensor, bags: Bags) -> Tensor:
    """The weighted sum of each bag: [R, d] for values [U, d].

    A product with a sparse matrix, so that neither the values read nor their gradients are ever
    spread out in memory read by read.
    """
    return cast(Tensor, _SumBags.apply(values, bags))


class _SumBags(torch.autograd.Function):
    """A v, and A^T g: SciPy multiplies by A^T as it stands; torch would sort it first."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, bags: Bags) -> Tensor:
        ctx.content = bags.weights.numpy(), bags.ids.numpy(), bags.starts
        ctx.shape = len(bags.starts) - 1, len(values)
        return _times(csr_array(ctx.content, shape=ctx.shape), values.detach())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        # Compressed columns of the same content are the matrix transposed.
        transposed = csc_array(ctx.content, shape=ctx.shape[::-1])
        return _times(transposed, gradients[0].contiguous()), None


def _times(matrix: Any, dense: Tensor) -> Tensor:
    if dense.shape[1] == 1:  # a vector's product has less around it than a matrix's
        return torch.from_numpy(matrix @ dense.view(-1).numpy()).view(-1, 1)
    return torch.from_numpy(matrix @ dense.numpy())


def pair_interactions(vectors: Tensor) -> Tensor:
    """sum over i<j of <v_i, v_j> for field vectors [n, F, d]: [n].

    (sum^2 - sum of squares) / 2 (Rendle 2010, lemma 3.1).
    """
    return cast(Tensor, _PairInteractions.apply(vectors))


class _PairInteractions(torch.autograd.Function):
    """The gradient for v_i is the sum of the other vectors."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor) -> Tensor:
        total = vectors.sum(1)
        ctx.save_for_backward(vectors, total)
        squares = (vectors * vectors).flatten(1).sum(1)
        return (total * total).sum(1).sub_(squares).mul_(0.5)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        vectors, total = ctx.saved_tensors
        others: Tensor = total.unsqueeze(1) - vectors
        return others.mul_(gradients[0].view(-1, 1, 1))


def join_columns(vectors: Tensor, skipped: slice, numbers: Tensor) -> Tensor:
    """Field vectors [n, F, d] side by side without the fields skipped, then numbers [n, Q]."""
    return cast(Tensor, _JoinColumns.apply(vectors, skipped, numbers))


class _JoinColumns(torch.autograd.Function):
    """Written out, because torch's own gradient fills a whole zero tensor per slice."""

    @staticmethod
    def forward(ctx: Any, vectors: Tensor, skipped: slice, numbers: Tensor) -> Tensor:
        ctx.shape, ctx.skipped = vectors.shape, skipped
        before, after = vectors[:, : skipped.start], vectors[:, skipped.stop :]
        return torch.cat([before.flatten(1), after.flatten(1), numbers], dim=1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        rows, fields, size = ctx.shape
        gradient, skipped = gradients[0], ctx.skipped
        out = gradient.new_zeros(rows, fields * size)
        first, last = skipped.start * size, skipped.stop * size
        out[:, :first] = gradient[:, :first]
        out[:, last:] = gradient[:, first : first + fields * size - last]
        return out.view(ctx.shape), None, None


def dropout(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Silence a share of the entries and scale the rest up, so that the expectation stays.

    The mask takes one random byte per entry, so the share is rounded to a multiple of 1/256.
    """
    silenced = min(round(share * 256), 255)  # of all entries silenced nothing can be scaled up
    words = torch.empty((x.numel() + 7) // 8, dtype=torch.int64)
    words.random_(-(2**63), None, generator=generator)
    # numpy compares bytes sixteen times as fast as torch, and torch reads bytes as numbers eight
    # times as fast as truth values.
    kept = torch.from_numpy(words.view(torch.uint8)[: x.numel()].numpy() >= silenced)
    mask = kept.view(torch.uint8).to(x.dtype).mul_(256 / (256 - silenced))
    return x * mask.view(x.shape)


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
