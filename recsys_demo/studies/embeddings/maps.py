"""Maps of vectors: PCA at once, UMAP and t-SNE step by step with progress."""

from __future__ import annotations

import queue
import threading
import time
import warnings
from collections.abc import Generator, Mapping
from contextlib import suppress
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
POLL_SECONDS = 0.1
CANCEL_SECONDS = 1.0  # a layout still compiling ends by itself, later
KEPT = 10
UMAP_SPREAD = 10.0  # the width UMAP expects of a start


@dataclass(frozen=True)
class Step:
    """Some of the work is done: `fraction` from 0 to 1."""

    fraction: float
    message: str
    type: Literal["progress"] = "progress"


@dataclass(frozen=True, eq=False)
class Projected:
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


class Unattended:
    """The context of a task that nobody cancels."""

    def check(self) -> None:
        """Nobody does."""


Steps = Generator[Step, None, Matrix]


def project(payload: Mapping[str, Any], context: Context) -> Generator[Step | Projected]:
    """A task: the map of `payload["vectors"]` [n, d] under `payload["settings"]`.

    Yields `Step`s, then one `Projected`. Same payload, same map.
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
    yield Projected(places, quality_of(vectors, places, settings), None, _since(begin))


def pca_map(vectors: Matrix, settings: PcaSettings) -> Projected:
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


def _pca_result(vectors: Matrix, settings: ProjectionSettings, begin: float) -> Projected:
    space = normalized(vectors, settings.metric)
    places = _pca_places(space, settings.dimensions)
    spread = ((space - space.mean(0)) ** 2).sum() if len(space) else 0.0
    shares = (places**2).sum(0) / spread if spread else np.zeros(settings.dimensions)
    quality = quality_of(vectors, places, settings)
    return Projected(places, quality, tuple(shares.tolist()), _since(begin))


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
    yield Step(0.0, "loading UMAP")
    context.check()
    layout = _UmapThread(vectors, settings)
    layout.start()
    try:
        while layout.is_alive():
            context.check()
            try:
                done = layout.epochs_done.get(timeout=POLL_SECONDS)
                fraction = min(done / settings.epochs, 1)
                yield Step(0.1 + 0.87 * fraction, f"epoch {done} of {settings.epochs}")
            except queue.Empty:
                continue
    finally:
        layout.stop.set()
        layout.join(CANCEL_SECONDS)
    if layout.error is not None:
        raise layout.error
    return layout.places


class _StoppedError(Exception):
    """Ends a layout from inside."""


class _BarLock:
    """The lock of all progress bars. A bar holds it while it writes and keeps it if that raises;
    with tqdm's own lock the next layout of this process would wait for ever."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def acquire(self, blocking: bool = True) -> bool:
        return self._lock.acquire(blocking)

    def release(self) -> None:
        with suppress(RuntimeError):  # this thread has let go of it before
            self._lock.release()

    def let_go(self) -> None:
        """Release it as often as this thread has acquired it."""
        with suppress(RuntimeError):
            while True:
                self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


_BAR_LOCK = _BarLock()


class _UmapThread(threading.Thread):
    """One layout. UMAP offers no callback but a progress bar; this thread is the bar's output:
    it passes the number of epochs on, and ends the layout when nobody wants it any more."""

    def __init__(self, vectors: Matrix, settings: UmapSettings) -> None:
        super().__init__(daemon=True)
        self.vectors, self.settings = vectors, settings
        self.epochs_done: queue.Queue[int] = queue.Queue()
        self.stop = threading.Event()
        self.places = np.zeros((0, settings.dimensions))
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.places = self._layout()
        except _StoppedError:
            pass
        except Exception as error:  # raised again where the task is waited for
            self.error = error

    def write(self, text: str) -> None:
        """The bar writes the number of epochs done."""
        if self.stop.is_set():
            _BAR_LOCK.let_go()
            raise _StoppedError
        if text.strip().isdigit():
            self.epochs_done.put(int(text))

    def flush(self) -> None:
        """Nothing waits."""

    def _layout(self) -> Matrix:
        with warnings.catch_warnings():
            # It says that a seed means one thread and given neighbours mean no new points: meant.
            warnings.simplefilter("ignore", UserWarning)
            import umap

            umap.layouts.tqdm.set_lock(_BAR_LOCK)
            settings = self.settings
            space = normalized(self.vectors, settings.metric)
            k = min(settings.neighbors, len(space) - 1)
            found = np.column_stack([np.arange(len(space)), nearest(space, k, "euclidean")])
            distances = np.linalg.norm(space[found] - space[:, None, :], axis=2)
            bar = {"file": self, "bar_format": "{n_fmt}", "disable": False, "mininterval": 0.1}
            model = umap.UMAP(
                n_neighbors=k + 1,
                n_components=settings.dimensions,
                min_dist=settings.min_dist,
                n_epochs=settings.epochs,
                init=_start(space, settings.dimensions, UMAP_SPREAD, settings.seed),
                precomputed_knn=(found, distances, None),
                random_state=settings.seed,
                n_jobs=1,
                tqdm_kwds=bar,
            )
            return np.asarray(model.fit_transform(space), dtype=np.float64)


def _since(begin: float) -> float:
    return time.perf_counter() - begin
