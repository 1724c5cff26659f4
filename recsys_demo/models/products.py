"""Products of matrices, each through the fastest routine there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import torch
from threadpoolctl import LibController, ThreadpoolController
from torch import Tensor
from torch.nn import functional

Precision = Literal["float32", "bfloat16"]
Floats = npt.NDArray[np.floating[Any]]
# From here on torch's routines, and threads, are worth a detour.
_LARGE_PRODUCT = 2**24


def product(a: Floats, b: Floats, precision: Precision, out: Floats | None = None) -> Floats:
    """a b^T for a [n, k], b [m, k], in the given number format: [n, m] float32.

    Small ones are numpy's, which are kept to one thread (`one_thread`): more would make them no
    faster, and might give other last digits.
    """
    if precision == "bfloat16":
        rounded = [torch.from_numpy(x).to(torch.bfloat16) for x in (a, b)]
        return _into(functional.linear(*rounded).float(), out)
    if a.shape[0] * b.size >= _LARGE_PRODUCT:
        return _into(_large(torch.from_numpy(a), torch.from_numpy(b)), out)
    if a.shape[1] == 1:  # no sums: the product's routine would take five times as long
        return np.multiply(a, b.T, out=out)
    with np.errstate(over="ignore", invalid="ignore"):  # the loss will tell that it diverged
        return np.matmul(a, b.T, out=out)


def _into(result: Tensor, out: Floats | None) -> Floats:
    if out is None:
        return cast(Floats, result.numpy())
    out[...] = result.numpy()
    return out


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep numpy's products to this thread."""
    several = [(library, threads) for library in _blas() if (threads := library.num_threads) > 1]
    for library, _ in several:
        library.set_num_threads(1)
    try:
        yield
    finally:
        for library, threads in several:
            library.set_num_threads(threads)


@lru_cache(maxsize=1)
def _blas() -> list[LibController]:
    libraries = ThreadpoolController().lib_controllers
    return [library for library in libraries if library.user_api == "blas"]


def _large(a: Tensor, b: Tensor) -> Tensor:
    if _ONEDNN is None:
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
