"""Trained models taken apart, once for everybody. Imports torch when it is first used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recsys_demo.evaluation.slices import Slice, swept_slices
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.training.run_files import WEIGHTS, load_manifest
from recsys_demo.ui import datasets
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State

if TYPE_CHECKING:
    from recsys_demo.studies.ablation.dials import SliceChange
    from recsys_demo.studies.ablation.logit_parts import LogitParts


@dataclass(frozen=True, eq=False)
class Decomposition:
    """A run that makes lists, and the test rows: the parts of their logits, labels, slices. `key`
    names the run."""

    key: tuple[str, str]
    recommender: Recommender
    parts: LogitParts
    labels: npt.NDArray[np.uint8]
    slices: Sequence[Slice]


def decomposition(training: Training) -> Decomposition:
    """The finished run of a training, taken apart. Raises InputError if it cannot be read."""
    folder = training.run_folder
    key = (str(folder), load_manifest(folder).checksums.get(WEIGHTS, ""))
    return _decomposition(key, key, training)


@by_key(6, "Taking the model apart ...")
def _decomposition(key: tuple[str, str], training: Training) -> Decomposition:
    from recsys_demo.studies.ablation.logit_parts import parts_of_rows
    from recsys_demo.training.runs import load_run

    run = load_run(training.run_folder)
    data = datasets.dataset(State(data=training.config.data, split=training.config.split))
    parts = parts_of_rows(run.ranker, run.encoder, run.encoder.encode(data.test))
    labels = data.test.labels.astype(np.uint8)
    slices = swept_slices(data.train, data.test)
    return Decomposition(key, Recommender.of_run(run), parts, labels, slices)


def changes(one: Decomposition, dials: Mapping[str, float], metric: str) -> list[SliceChange]:
    """What the dials do on every slice."""
    return _changes((one.key, sorted(dials.items()), metric), one, dials, metric)


@by_key(200)
def _changes(one: Decomposition, dials: Mapping[str, float], metric: str) -> list[SliceChange]:
    from recsys_demo.studies.ablation.dials import slice_changes

    return slice_changes(one.parts, one.labels, one.slices, dials, metric)


def list_decomposition(one: Decomposition, query: Query) -> LogitParts:
    """The parts of the whole catalogue's logits for one query."""
    return _list((one.key, query), one.recommender, query)


@by_key(60)
def _list(recommender: Recommender, query: Query) -> LogitParts:
    from recsys_demo.studies.ablation.logit_parts import parts_of_list

    return parts_of_list(recommender, query)
