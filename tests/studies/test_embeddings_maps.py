"""Maps: PCA is the closed form, UMAP and t-SNE are repeatable, keep clusters and can be ended."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from recsys_demo.studies.embeddings.maps import (
    Projection,
    Step,
    pca_map,
    principal_axes,
    project,
    umap_seconds,
)
from recsys_demo.studies.embeddings.settings import PcaSettings, TsneSettings, UmapSettings
from recsys_demo.studies.embeddings.snapshots import Snapshot, film, with_snapshots
from recsys_demo.studies.embeddings.vectors import field_vectors
from tests.making.embeddings_world import Unattended, trained, trainer

QUICK = (UmapSettings(epochs=30, neighbors=8), TsneSettings(iterations=75, perplexity=8))


def clusters(each: int = 25, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(4, 6)) * 3
    labels = np.repeat(np.arange(4), each)
    return centres[labels] + random.normal(scale=0.3, size=(4 * each, 6)), labels


def finished(vectors: np.ndarray, settings: Any) -> Projection:
    *steps, last = project({"vectors": vectors, "settings": settings.model_dump()}, Unattended())
    assert all(isinstance(step, Step) for step in steps)
    fractions = [step.fraction for step in steps if isinstance(step, Step)]
    assert fractions == sorted(fractions)
    assert isinstance(last, Projection)
    return last


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_is_the_singular_value_decomposition(dimensions: Any) -> None:
    vectors, _ = clusters()
    result = pca_map(vectors, PcaSettings(dimensions=dimensions))
    left, singular, _ = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    expected = (left * singular)[:, :dimensions]
    signs = np.sign((expected * result.places).sum(0))
    np.testing.assert_allclose(result.places * signs, expected, atol=1e-9)
    assert result.explained == pytest.approx((singular**2 / (singular**2).sum())[:dimensions])


@pytest.mark.parametrize("shape", [(1, 4), (2, 4), (5, 1), (4, 4)])
def test_small_tables_have_maps_without_quality(shape: tuple[int, int]) -> None:
    vectors = np.random.default_rng(0).normal(size=shape)
    for settings in (PcaSettings(dimensions=3), UmapSettings(), TsneSettings()):
        if len(vectors) > 4 and settings.kind != "pca":
            continue
        result = finished(vectors, settings)
        assert result.places.shape == (shape[0], settings.dimensions)
        assert np.isfinite(result.places).all()
        assert result.quality is None


def test_equal_vectors_make_a_finite_map() -> None:
    result = pca_map(np.ones((30, 4)), PcaSettings())
    assert np.isfinite(result.places).all()
    assert result.explained == (0.0, 0.0)


@pytest.mark.parametrize("settings", QUICK, ids=lambda s: s.kind)
def test_layouts_keep_clusters_and_repeat(settings: Any) -> None:
    vectors, labels = clusters()
    result = finished(vectors, settings)
    assert result.places.shape == (100, 2)
    assert result.quality is not None
    assert result.quality.trustworthiness.value > 0.85
    distances = np.linalg.norm(result.places[:, None] - result.places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(1)] == labels).mean() > 0.95
    np.testing.assert_array_equal(finished(vectors, settings).places, result.places)


def test_umap_in_three_dimensions() -> None:
    vectors, _ = clusters()
    settings = UmapSettings(epochs=20, dimensions=3)
    assert finished(vectors, settings).places.shape == (100, 3)


class CancelledError(Exception):
    pass


class Impatient:
    def __init__(self, looks: int) -> None:
        self.looks = looks

    def check(self) -> None:
        self.looks -= 1
        if self.looks < 0:
            raise CancelledError


@pytest.mark.parametrize("settings", QUICK, ids=lambda s: s.kind)
def test_layouts_can_be_ended_before_they_begin(settings: Any) -> None:
    payload = {"vectors": clusters()[0], "settings": settings.model_dump()}
    with pytest.raises(CancelledError):
        list(project(payload, Impatient(0)))


def test_a_layout_by_steps_can_be_ended_between_them() -> None:
    payload = {"vectors": clusters()[0], "settings": QUICK[1].model_dump()}
    with pytest.raises(CancelledError):
        list(project(payload, Impatient(2)))


def test_umap_says_before_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = UmapSettings(epochs=10)
    steps = project({"vectors": clusters()[0], "settings": settings.model_dump()}, Unattended())
    told = [step.seconds for step in (next(steps), next(steps)) if isinstance(step, Step)]
    assert told[0] is None
    assert told[1] == umap_seconds(100, 15, 10)
    monkeypatch.delitem(sys.modules, "umap", raising=False)
    first = umap_seconds(100, 15, 10)
    monkeypatch.setitem(sys.modules, "umap", sys)
    assert umap_seconds(100, 15, 10) < first
    assert umap_seconds(100, 15, 1000) > umap_seconds(100, 15, 10)


def test_settings_are_checked() -> None:
    with pytest.raises(ValidationError):
        list(project({"vectors": np.ones((9, 2)), "settings": {"kind": "magic"}}, Unattended()))
    with pytest.raises(ValidationError):
        TsneSettings(dimensions=3)  # type: ignore[arg-type] # t-SNE maps are flat


def test_snapshots_follow_the_training_and_do_not_change_it() -> None:
    training, encoder = trainer("deep")
    events = list(with_snapshots(training.events(), training.ranker, encoder, "app"))
    taken = [event for event in events if isinstance(event, Snapshot)]
    reports = [event for event in events if event.type == "epoch"]
    assert [snapshot.epoch for snapshot in taken] == list(range(len(reports) + 1))
    final = field_vectors(training.ranker.state(), encoder, "app").vectors
    plain, _ = trained("deep")
    np.testing.assert_array_equal(final, field_vectors(plain.state(), encoder, "app").vectors)
    best = next(event.best_epoch for event in events if event.type == "finished")
    np.testing.assert_array_equal(taken[best].vectors, final)
    assert not np.allclose(taken[0].vectors, final)


def test_snapshots_of_some_values() -> None:
    training, encoder = trainer("deep", epochs=1)
    rows = np.array([4, 2])
    events = with_snapshots(training.events(), training.ranker, encoder, "app", rows=rows)
    whole = field_vectors(training.ranker.state(), encoder, "app").vectors[rows]
    first = next(iter(events))
    assert isinstance(first, Snapshot)
    np.testing.assert_array_equal(first.vectors, whole)


def test_a_film_has_the_axes_of_its_end() -> None:
    vectors, _ = clusters()
    shots = [Snapshot(0, vectors * 0.1), Snapshot(1, vectors * 0.5), Snapshot(2, vectors)]
    frames = film(shots)
    assert frames.epochs == (0, 1, 2)
    np.testing.assert_allclose(frames.places[2], pca_map(vectors, PcaSettings()).places, atol=1e-9)
    axes, centre = principal_axes(vectors, 2)
    np.testing.assert_allclose(frames.places[0], (vectors * 0.1 - centre) @ axes, atol=1e-9)
    assert film([]).places == ()
