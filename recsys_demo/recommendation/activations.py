"""The network's elementwise functions in numpy, as torch computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import erf, expit

Reals = npt.NDArray[np.float32] | npt.NDArray[np.float64]
EPSILON = np.float32(1e-5)  # keeps batch normalization finite, as in torch
ACTIVATIONS: Mapping[str, Callable[[Reals], Reals]] = MappingProxyType(
    {
        "relu": lambda x: np.maximum(x, np.float32(0)),
        "tanh": lambda x: np.asarray(np.tanh(x)),
        "sigmoid": lambda x: np.asarray(expit(x)),
        "leaky_relu": lambda x: np.where(x > 0, x, np.float32(0.01) * x),
        "gelu": lambda x: np.asarray(np.float32(0.5) * x * (1 + erf(x * np.float32(np.sqrt(0.5))))),
    }
)


def normalized(x: Reals, state: Mapping[str, npt.NDArray[np.float32]], layer: int) -> Reals:
    """Batch normalization with what training has gathered, x [n, h]."""
    variance = state[f"deep.norm_variance{layer}"] + EPSILON
    scale = state[f"deep.norm_scale{layer}"] / np.sqrt(variance)
    return np.asarray(
        (x - state[f"deep.norm_mean{layer}"]) * scale + state[f"deep.norm_shift{layer}"]
    )
