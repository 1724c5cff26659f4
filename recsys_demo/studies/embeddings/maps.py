"""Maps of vectors: PCA at once, t-SNE step by step, UMAP in one go of a length known before."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from pydantic import TypeAdapter

from recsys_demo.studies.embeddings.neighbours import nearest
from recsys_demo.studies.embeddings.quality import MapQuality, map_quality, normalized
from recsys_demo.studies.embeddings.settings import (
    PcaSettings,
    ProjectionSettings,
    TsneSettings,
    UmapSettings,
)
from recsys_demo.studies.embeddings.vectors import Matrix

CHUNK = 25  # t-SNE iterations between two looks at the cancel button
KEPT = 10
UMAP_SPREAD = 10.0  # the width UMAP expects of a start
UMAP_FIRST_SECONDS = 29.0  # import and compilation, once per process


@dataclass(frozen=True)
class Step:
    """Some of the work is done: `fraction` from 0 to 1. `seconds`: the next step comes in about so
    long, and nothing before."""

    fraction: float
    message: str
    seconds: float | None = None
    type: Literal["progress"] = "progress"


@dataclass(frozen=True, eq=False)
class Projection:
    """Places [n, dimensions] of the vectors and how far they can be trusted (None: too few
    points to say). `explained` is the share of the spread on each axis, PCA only."""

    places: Matrix
    quality: MapQuality | None
    explained: tuple[float, ...] | None
    seconds: float
    type: Literal["result"] = "result"


class Context(Protocol):
    """What a task may ask of whoever runs it."""

    def check(self) -> object:
        """Raises if the task was cancelled."""


Steps = Generator[Step, None, Matrix]


def project(payload: Mapping[str, Any], context: Context) -> Generator[Step | Projection]:
    """A task: the map of `payload["vectors"]` [n, d] under `payload["settings"]`.

    Yields `Step`s, then one `Projection`. Same payload, same map.
    """
    settings: ProjectionSettings = TypeAdapter(ProjectionSettings).validate_python(
        payload["settings"]
    )
    vectors = np.asarray(payload["vectors"], dtype=np.float64)
    begin = time.perf_counter()
    if settings.kind == "pca" or len(vectors) <= settings.dimensions + 2:
        yield _pca_result(vectors, settings, begin)
        return
    if settings.kind == "umap":
        places = yield from _umap(vectors, settings, context)
    else:
        places = yield from _tsne(vectors, settings, context)
    yield Step(0.97, "measuring how far the map can be trusted")
    yield Projection(places, quality_of(vectors, places, settings), None, _since(begin))


def pca_map(vectors: Matrix, settings: PcaSettings) -> Projection:
    """The map at once."""
    return _pca_result(vectors, settings, time.perf_counter())


def principal_axes(vectors: Matrix, dimensions: int) -> tuple[Matrix, Matrix]:
    """Directions [d, dimensions] of most spread, and the centre [d]. Directions that do not exist
    are zero; signs are fixed by the largest entry."""
    from sklearn.decomposition import PCA

    there = min(dimensions, *vectors.shape)
    axes = np.zeros((vectors.shape[1], dimensions))
    if there and np.ptp(vectors, axis=0).any():
        axes[:, :there] = PCA(there, svd_solver="full").fit(vectors).components_.T
    return axes, vectors.mean(0) if len(vectors) else np.zeros(vectors.shape[1])


def quality_of(
    vectors: Matrix, places: Matrix, settings: ProjectionSettings, k: int = KEPT
) -> MapQuality | None:
    """Quality by the metric the map was made with; None for too few points."""
    if 3 * k + 1 >= 2 * len(vectors):
        return None
    return map_quality(vectors, places, k, settings.metric, settings.seed)


def _pca_result(vectors: Matrix, settings: ProjectionSettings, begin: float) -> Projection:
    space = normalized(vectors, settings.metric)
    places = _pca_places(space, settings.dimensions)
    spread = ((space - space.mean(0)) ** 2).sum() if len(space) else 0.0
    shares = (places**2).sum(0) / spread if spread else np.zeros(settings.dimensions)
    quality = quality_of(vectors, places, settings)
    return Projection(places, quality, tuple(shares.tolist()), _since(begin))


def _pca_places(space: Matrix, dimensions: int) -> Matrix:
    axes, centre = principal_axes(space, dimensions)
    return np.asarray((space - centre) @ axes)


def _start(space: Matrix, dimensions: int, spread: float, seed: int) -> Matrix:
    """A PCA start of a given standard deviation; a little noise parts points that coincide."""
    places = _pca_places(space, dimensions)
    largest = float(places.std(0).max()) or 1.0
    noise = np.random.default_rng(seed).normal(scale=1e-4, size=places.shape)
    return (places / largest + noise) * spread


def _tsne(vectors: Matrix, settings: TsneSettings, context: Context) -> Steps:
    yield Step(0.0, "looking for neighbours")
    context.check()
    from openTSNE import TSNEEmbedding, affinity
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    space = normalized(vectors, settings.metric)
    k = min(len(space) - 1, int(3 * settings.perplexity))
    found = nearest(space, k, "euclidean")
    distances = np.linalg.norm(space[found] - space[:, None, :], axis=2)
    affinities = affinity.PerplexityBasedNN(
        perplexity=min(settings.perplexity, k / 3),
        knn_index=PrecomputedNeighbors(found, distances),
        n_jobs=1,
    )
    start = _start(space, settings.dimensions, 1e-4, settings.seed)
    layout = TSNEEmbedding(start, affinities, n_jobs=1, random_state=settings.seed)
    early = settings.iterations // 3
    for at in range(0, settings.iterations, CHUNK):
        context.check()
        yield Step(0.1 + 0.87 * at / settings.iterations, f"step {at} of {settings.iterations}")
        # Early steps pull neighbours together (exaggeration 12 and momentum as in openTSNE).
        stage = {"exaggeration": 12, "momentum": 0.5} if at < early else {"momentum": 0.8}
        layout.optimize(min(CHUNK, settings.iterations - at), inplace=True, **stage)
    return np.asarray(layout, dtype=np.float64)


def _umap(vectors: Matrix, settings: UmapSettings, context: Context) -> Steps:
    """UMAP has no way to be looked at or ended from within: it is told how long it takes, and who
    does not want it any more ends the process."""
    yield Step(0.0, "looking for neighbours")
    context.check()
    space = normalized(vectors, settings.metric)
    k = min(settings.neighbors, len(space) - 1)
    found = np.column_stack([np.arange(len(space)), nearest(space, k, "euclidean")])
    distances = np.linalg.norm(space[found] - space[:, None, :], axis=2)
    yield Step(0.05, "laying out", umap_seconds(len(space), k, settings.epochs))
    with warnings.catch_warnings():
        # It says that a seed means one thread and given neighbours mean no new points: meant.
        warnings.simplefilter("ignore", UserWarning)
        import umap

        model = umap.UMAP(
            n_neighbors=k + 1,
            n_components=settings.dimensions,
            min_dist=settings.min_dist,
            n_epochs=settings.epochs,
            init=_start(space, settings.dimensions, UMAP_SPREAD, settings.seed),
            precomputed_knn=(found, distances, None),
            random_state=settings.seed,
            n_jobs=1,
        )
        return np.asarray(model.fit_transform(space), dtype=np.float64)


def umap_seconds(points: int, neighbors: int, epochs: int) -> float:
    """About how long UMAP will take in this process; its first map here is compiled first."""
    first = 0.0 if "umap" in sys.modules else UMAP_FIRST_SECONDS
    # Measured from 100 to 5,000 points, 15 to 50 neighbours and 200 to 1,000 epochs.
    return 1.0 + first + 7e-6 * points * epochs * (0.75 + neighbors / 60)


def _since(begin: float) -> float:
    return time.perf_counter() - begin
