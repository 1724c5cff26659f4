"""Maps and films as jobs: the worker reads the run, and leaves arrays in the job's folder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from recsys_demo.config.run import RunConfig
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.jobs.context import Context
from recsys_demo.jobs.store import JobSpec
from recsys_demo.studies.embeddings.maps import Projection, Step, project
from recsys_demo.studies.embeddings.quality import MapQuality
from recsys_demo.studies.embeddings.settings import ProjectionSettings
from recsys_demo.studies.embeddings.snapshots import Snapshot, snapshots_of
from recsys_demo.studies.embeddings.vectors import MAX_POINTS, vectors_of_run
from recsys_demo.training.runs import load_stored
from recsys_demo.values import Frozen, validated

PLACES, QUALITY, SNAPSHOTS = "places.npy", "quality.json", "snapshots.npz"
Points = Annotated[int, Field(ge=3, le=50_000)]


class MapPayload(Frozen):
    """A map of the values of a field with most support, in a saved run."""

    run: str = Field(description="folder of the run")
    checksum: str = Field(description="of its weights: another training is another map")
    field: str
    table: str = "embedding"
    start: bool = Field(False, description="the table as training found it")
    points: Points = MAX_POINTS
    settings: ProjectionSettings


class FilmPayload(Frozen):
    """The vectors of a field after every epoch of a training."""

    config: RunConfig
    field: str
    table: str = "embedding"
    points: Points = MAX_POINTS


def map_job(payload: MapPayload) -> JobSpec:
    """The job that draws this map."""
    return JobSpec(task="map", payload=payload.model_dump(mode="json"))


def film_job(payload: FilmPayload) -> JobSpec:
    """The job that trains this configuration again and keeps the vectors of every epoch."""
    return JobSpec(task="film", payload=payload.model_dump(mode="json"))


def draw_map(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """The task "map": progress events, then `result`; `read_map` reads what it leaves."""
    wanted = validated(MapPayload, payload, "job")
    shown = vectors_of_run(
        load_stored(Path(wanted.run)), wanted.field, wanted.table, wanted.start, wanted.points
    )
    request = {"vectors": shown.vectors, "settings": wanted.settings.model_dump()}
    for event in project(request, context):
        if isinstance(event, Step):
            yield asdict(event) | {"at": time.time()}
        else:
            _write_map(event, context.folder)
            yield {"type": "result", "seconds": event.seconds}


def make_film(payload: dict[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """The task "film": a progress event per epoch, then `result`."""
    wanted = validated(FilmPayload, payload, "job")
    yield {"type": "progress", "fraction": 0.0, "message": "preparing the data"}
    taken: list[Snapshot] = []
    epochs = wanted.config.training.epochs
    for snapshot in snapshots_of(
        wanted.config, wanted.field, wanted.table, wanted.points, context.check
    ):
        taken.append(snapshot)
        done = f"epoch {snapshot.epoch} of at most {epochs}"
        yield {"type": "progress", "fraction": snapshot.epoch / epochs, "message": done}
    np.savez(
        context.folder / SNAPSHOTS,
        epochs=np.array([snapshot.epoch for snapshot in taken]),
        vectors=np.stack([snapshot.vectors for snapshot in taken]).astype(np.float32),
    )
    yield {"type": "result", "epochs": len(taken) - 1}


def read_map(folder: Path) -> Projection:
    """What a finished map job has left."""
    content = json.loads((folder / QUALITY).read_text(encoding="utf-8"))
    quality = content["quality"]
    return Projection(
        places=np.load(folder / PLACES, allow_pickle=False),
        quality=None if quality is None else _quality(quality),
        explained=None if content["explained"] is None else tuple(content["explained"]),
        seconds=content["seconds"],
    )


def read_film(folder: Path) -> list[Snapshot]:
    """What a finished film job has left."""
    with np.load(folder / SNAPSHOTS, allow_pickle=False) as content:
        epochs, vectors = content["epochs"], content["vectors"].astype(np.float64)
    return [Snapshot(int(epoch), table) for epoch, table in zip(epochs, vectors, strict=True)]


def _write_map(result: Projection, folder: Path) -> None:
    np.save(folder / PLACES, result.places)
    content = {
        "quality": None if result.quality is None else asdict(result.quality),
        "explained": result.explained,
        "seconds": result.seconds,
    }
    (folder / QUALITY).write_text(json.dumps(content), encoding="utf-8")


def _quality(content: dict[str, Any]) -> MapQuality:
    intervals = {
        name: Interval(**content[name]) for name in ("trustworthiness", "continuity", "kept")
    }
    return MapQuality(**content | intervals)
