"""Turning one map onto another so that the eye can compare them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import orthogonal_procrustes

from recsys_demo.studies.embeddings.vectors import Matrix


@dataclass(frozen=True)
class Alignment:
    """Where the moved map lies, [n, dimensions], and the share of the target's spread that it
    still misses (0: the maps are the same, 1: they have nothing in common)."""

    places: Matrix
    disparity: float


def align(target: Matrix, moving: Matrix, all_moving: Matrix | None = None) -> Alignment:
    """Shift, turn, mirror and scale `moving` [n, m] to lie on `target` [n, m], row on row
    (Procrustes; Schonemann 1966). `all_moving` [N, m], if given, is moved along and returned.

    Raises ValueError if the two have different shapes.
    """
    if target.shape != moving.shape:
        raise ValueError(f"maps of shapes {target.shape} and {moving.shape} cannot be aligned")
    everything = moving if all_moving is None else all_moving
    if not len(target):
        return Alignment(everything.copy(), 1.0)
    a, b = target - target.mean(0), moving - moving.mean(0)
    spread_a, spread_b = float((a**2).sum()), float((b**2).sum())
    if spread_a == 0 or spread_b == 0:
        return Alignment(everything - moving.mean(0) + target.mean(0), 1.0)
    turn, singular = orthogonal_procrustes(b, a)
    places = (everything - moving.mean(0)) @ turn * (singular / spread_b) + target.mean(0)
    return Alignment(places, float(np.clip(1 - singular**2 / (spread_a * spread_b), 0, 1)))
