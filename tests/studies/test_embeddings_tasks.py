"""Maps and films as jobs: what the worker leaves is what the package computes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recsys_demo.config.model import TrainingConfig
from recsys_demo.config.presets import PRESETS
from recsys_demo.config.run import RunConfig
from recsys_demo.data.specs import FileSpec
from recsys_demo.jobs.store import Command, JobSpec, JobStore
from recsys_demo.jobs.worker import run_job
from recsys_demo.studies.embeddings.maps import pca_map
from recsys_demo.studies.embeddings.settings import PcaSettings, TsneSettings, UmapSettings
from recsys_demo.studies.embeddings.tasks import (
    FilmPayload,
    MapPayload,
    film_job,
    map_job,
    read_film,
    read_map,
)
from recsys_demo.studies.embeddings.vectors import field_vectors
from recsys_demo.training.experiment import train_run
from recsys_demo.training.runs import Run, save_run
from tests.making.embeddings_world import SCHEMA, planted_log
from tests.making.faults import wait_for, workers_of


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    log = planted_log(3000)
    file = tmp_path_factory.mktemp("log") / "log.csv"
    frame = log.frame.assign(label=log.labels)
    frame.to_csv(file, index=False)
    return RunConfig(
        data=FileSpec(data=str(file), schema_toml=SCHEMA),
        model=PRESETS["deepfm"].model,
        training=TrainingConfig(epochs=3),
    )


@pytest.fixture(scope="module")
def run(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    training = train_run(config)
    while True:
        try:
            next(training)
        except StopIteration as end:
            folder = tmp_path_factory.mktemp("runs") / "one"
            save_run(end.value, folder)
            return end.value, folder


def done(spec: JobSpec, home: Path) -> tuple[dict[str, str], list[dict[str, Any]], Path]:
    store = JobStore(home)
    attempt = store.claim(spec)
    assert attempt is not None
    ended = run_job(str(home), spec.id, attempt)
    return ended, store.events(spec.id).events, store.path(spec.id)


def test_a_map_job_leaves_the_map(run: tuple[Run, Path], tmp_path: Path) -> None:
    trained, folder = run
    settings = PcaSettings(dimensions=3)
    payload = MapPayload(run=str(folder), checksum="x", field="app", points=40, settings=settings)
    ended, events, job = done(map_job(payload), tmp_path)
    assert ended["state"] == "done"
    assert events[-1]["type"] == "result"
    field = field_vectors(trained.ranker.state(), trained.encoder, "app").most_supported(40)
    expected = pca_map(field.vectors, settings)
    left = read_map(job)
    np.testing.assert_allclose(left.places, expected.places)
    assert left.quality == expected.quality
    assert left.explained == pytest.approx(expected.explained)


@pytest.mark.parametrize(
    "settings", [UmapSettings(epochs=20), TsneSettings(iterations=50, perplexity=5)]
)
def test_layouts_report_progress(run: tuple[Run, Path], tmp_path: Path, settings: Any) -> None:
    payload = MapPayload(run=str(run[1]), checksum="x", field="app", settings=settings)
    ended, events, job = done(map_job(payload), tmp_path)
    assert ended["state"] == "done"
    assert {event["type"] for event in events} == {"progress", "result"}
    assert read_map(job).places.shape == (48, 2)


def test_a_map_of_a_field_without_vectors_fails_in_words(
    run: tuple[Run, Path], tmp_path: Path
) -> None:
    payload = MapPayload(run=str(run[1]), checksum="x", field="none", settings=PcaSettings())
    ended, _, _ = done(map_job(payload), tmp_path)
    assert ended["state"] == "failed"
    assert "categorical or multi-valued" in ended["message"]


def test_a_cancelled_map_says_so(run: tuple[Run, Path], tmp_path: Path) -> None:
    payload = MapPayload(run=str(run[1]), checksum="x", field="app", settings=TsneSettings())
    spec, store = map_job(payload), JobStore(tmp_path)
    attempt = store.claim(spec)
    assert attempt is not None
    store.command(spec.id, Command(command="cancel"))
    assert run_job(str(tmp_path), spec.id, attempt)["state"] == "cancelled"


@pytest.mark.skipif(os.name == "nt", reason="there a worker is waited for")
def test_a_umap_in_the_making_is_cancelled_and_the_next_job_works(
    run: tuple[Run, Path], tmp_path: Path
) -> None:
    def map_of(settings: UmapSettings | PcaSettings) -> JobSpec:
        payload = MapPayload(run=str(run[1]), checksum="x", field="app", settings=settings)
        return map_job(payload)

    workers = workers_of(tmp_path)
    try:
        struck = workers.submit(map_of(UmapSettings(epochs=1000)), "tab")
        wait_for(workers, struck, "running")
        while not any(event.get("seconds") for event in workers.store.events(struck).events):
            time.sleep(0.02)
        after = workers.submit(map_of(PcaSettings()), "tab")
        assert workers.command(struck, Command(command="cancel"), "tab")
        while not workers.store.status(struck).has_ended:  # type: ignore[union-attr] # it is there
            workers.tend()
            time.sleep(0.02)
        assert wait_for(workers, struck, "cancelled").message == "Cancelled."
        wait_for(workers, after, "done")
    finally:
        workers.shutdown()


def test_equal_maps_are_one_job_and_other_settings_another(run: tuple[Run, Path]) -> None:
    payload = MapPayload(run=str(run[1]), checksum="x", field="app", settings=UmapSettings())
    again = MapPayload.model_validate(payload.model_dump())
    other = payload.model_copy(update={"settings": UmapSettings(seed=1)})
    retrained = payload.model_copy(update={"checksum": "y"})
    assert map_job(payload).id == map_job(again).id
    assert len({map_job(p).id for p in (payload, other, retrained)}) == 3


def test_a_film_ends_with_what_the_run_has(
    run: tuple[Run, Path], config: RunConfig, tmp_path: Path
) -> None:
    trained, _ = run
    ended, events, job = done(film_job(FilmPayload(config=config, field="app")), tmp_path)
    assert ended["state"] == "done"
    shots = read_film(job)
    assert [shot.epoch for shot in shots] == list(range(trained.result["epochs"] + 1))
    best = shots[trained.result["best_epoch"]].vectors
    final = field_vectors(trained.ranker.state(), trained.encoder, "app").vectors
    np.testing.assert_allclose(best, final, atol=1e-7)
    assert [e["fraction"] for e in events if e["type"] == "progress"][-1] == 1
