"""Compiled loops also work where nothing can be kept on disk."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core import caching

from recsys_demo.models.compiler import kernel


def double(x: np.ndarray) -> None:
    for i in range(len(x)):
        x[i] *= 2


@pytest.mark.parametrize("places", [None, []])
def test_a_kernel_runs_with_and_without_a_place_for_its_code(
    places: list[type] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if places is not None:
        monkeypatch.setattr(caching.CacheImpl, "_locator_classes", places)
    x = np.ones(3)
    kernel(double)(x)
    assert x.tolist() == [2, 2, 2]
