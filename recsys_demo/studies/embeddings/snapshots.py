"""How a field's vectors move while a model trains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from recsys_demo.features.encoder import Encoder
from recsys_demo.studies.embeddings.quality import normalized
from recsys_demo.studies.embeddings.settings import Metric
from recsys_demo.studies.embeddings.vectors import Index, Matrix, field_vectors, positions

if TYPE_CHECKING:
    from recsys_demo.config.run import RunConfig
    from recsys_demo.models.ranker import Ranker
    from recsys_demo.training.trainer import Control, Event


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The vectors of a field [n, d] after an epoch; epoch 0 is the random start."""

    epoch: int
    vectors: Matrix
    type: Literal["snapshot"] = "snapshot"


@dataclass(frozen=True, eq=False)
class Film:
    """Places [n, dimensions] of the same values epoch by epoch, on the axes of the last one."""

    epochs: tuple[int, ...]
    places: tuple[Matrix, ...]


def with_snapshots(
    events: Iterable[Event],
    ranker: Ranker,
    encoder: Encoder,
    field: str,
    table: str = "embedding",
    rows: Index | None = None,
) -> Iterator[Event | Snapshot]:
    """The events of a training, with a snapshot before the first and after every epoch.

    `rows` are the values kept (default all). Raises InputError as `field_vectors` does.
    """

    def taken(epoch: int) -> Snapshot:
        vectors = field_vectors(ranker.state(), encoder, field, table).vectors
        return Snapshot(epoch, vectors if rows is None else vectors[rows])

    yield taken(0)
    for event in events:
        yield event
        if event.type == "epoch":
            yield taken(event.epoch)


def snapshots_of(
    config: RunConfig,
    field: str,
    table: str = "embedding",
    points: int = 5_000,
    control: Control = lambda: True,
) -> Iterator[Snapshot]:
    """Train a configuration again (same seed, same digits) and keep the vectors of every epoch, of
    the `points` values with most support. Raises what `training_setup` and `field_vectors` do."""
    from recsys_demo.training.experiment import training_setup

    setup = training_setup(config, control)
    ranker, encoder = setup.trainer.ranker, setup.encoder
    known = field_vectors(ranker.state(), encoder, field, table)
    rows = positions(known, known.most_supported(points).values)
    for event in with_snapshots(setup.trainer.events(), ranker, encoder, field, table, rows):
        if isinstance(event, Snapshot):
            yield event


def film(snapshots: Sequence[Snapshot], dimensions: int = 2, metric: Metric = "euclidean") -> Film:
    """All epochs on the principal axes of the last, so that only the vectors move."""
    from recsys_demo.studies.embeddings.maps import principal_axes

    tables = [normalized(snapshot.vectors, metric) for snapshot in snapshots]
    if not tables:
        return Film((), ())
    axes, centre = principal_axes(tables[-1], dimensions)
    places = tuple(np.asarray((table - centre) @ axes) for table in tables)
    return Film(tuple(snapshot.epoch for snapshot in snapshots), places)
