"""Maps of 5,000 points of 32 numbers: how long a person waits for each projection.

Every projection is drawn twice in one process. The first time UMAP and t-SNE compile; the lab's
workers rehearse that, so the second time, a warm worker's, is what a person waits for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.tables import table
from recsys_demo.studies.embeddings.maps import Projection, project
from recsys_demo.studies.embeddings.settings import (
    PcaSettings,
    ProjectionSettings,
    TsneSettings,
    UmapSettings,
)
from tests.making.embeddings_world import Unattended

POINTS, SIZE, GROUPS = 5_000, 32, 20
LIMITS = {"PCA": 1.0, "UMAP": 20.0, "t-SNE": 20.0}


def measure() -> dict[str, Any]:
    """Seconds of the first and of the second map, and how far each can be trusted."""
    draw = np.random.default_rng(0)
    centres = draw.normal(0, 2, (GROUPS, SIZE))
    vectors = centres[draw.integers(0, GROUPS, POINTS)] + draw.normal(0, 1, (POINTS, SIZE))
    wanted: Mapping[str, ProjectionSettings] = {
        "PCA": PcaSettings(),
        "UMAP": UmapSettings(),
        "t-SNE": TsneSettings(),
    }
    return {name: _twice(vectors, settings) for name, settings in wanted.items()}


def _twice(vectors: np.ndarray, settings: ProjectionSettings) -> dict[str, float]:
    payload = {"vectors": vectors, "settings": settings.model_dump()}
    first, second = (_last(payload) for _ in range(2))
    if not np.array_equal(first.places, second.places):
        raise AssertionError("the same settings gave another map")
    assert second.quality is not None
    return {
        "first": first.seconds,
        "warm": second.seconds,
        "trustworthiness": second.quality.trustworthiness.value,
    }


def _last(payload: Mapping[str, Any]) -> Projection:
    *_, last = project(payload, Unattended())
    assert isinstance(last, Projection)
    return last


def render(figures: Mapping[str, Any]) -> str:
    """The section of RESULTS.md."""
    rows = [
        (
            name,
            f"{found['first']:.1f} s",
            f"**{found['warm']:.1f} s**",
            f"{LIMITS[name]:.0f} s",
            f"{found['trustworthiness']:.3f}",
        )
        for name, found in figures.items()
    ]
    header = ("projection", "first in a process", "warm", "must be under", "trustworthiness")
    return (
        f"## Maps of embeddings\n\n{POINTS:,} made-up points of {SIZE} numbers in {GROUPS} groups, "
        "one process, the measure of trust included.\n\n" + table(header, rows)
    )
