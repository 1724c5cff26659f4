"""Trained models taken apart, once for everybody. Imports torch when it is first used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from recsys_demo.evaluation.slices import Slice, swept_slices
from recsys_demo.recommendation.query import Query
from recsys_demo.recommendation.recommender import Recommender
from recsys_demo.training.runs import WEIGHTS, load_manifest
from recsys_demo.ui import datasets
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State

if TYPE_CHECKING:
    from recsys_demo.studies.ablation.dials import SliceChange
    from recsys_demo.studies.ablation.logit_parts import LogitParts


@dataclass(frozen=True, eq=False)
class Decomposition:
    """A run that makes lists, and the test rows: the parts of their logits, labels, slices."""

    folder: str
    checksum: str
    recommender: Recommender
    taken: LogitParts
    labels: npt.NDArray[np.uint8]
    slices: Sequence[Slice]


def decomposition(training: Training) -> Decomposition:
    """The finished run of a training, taken apart. Raises InputError if it cannot be read."""
    folder = training.run_folder
    checksum = load_manifest(folder).checksums.get(WEIGHTS, "")
    return _apart(str(folder), checksum, training)


@st.cache_resource(max_entries=6, show_spinner="Taking the model apart ...")
def _apart(folder: str, checksum: str, _training: Training) -> Decomposition:
    from recsys_demo.studies.ablation.logit_parts import parts_of_rows
    from recsys_demo.training.runs import load_run

    run = load_run(Path(folder))
    data = datasets.dataset(State(data=_training.config.data, split=_training.config.split))
    taken = parts_of_rows(run.ranker, run.encoder, run.encoder.encode(data.test))
    labels = data.test.labels.astype(np.uint8)
    slices = swept_slices(data.train, data.test)
    return Decomposition(folder, checksum, Recommender.of_run(run), taken, labels, slices)


def changes(one: Decomposition, dials: Mapping[str, float], metric: str) -> list[SliceChange]:
    """What the dials do on every slice."""
    return _changes(one.folder, one.checksum, tuple(sorted(dials.items())), metric, one)


@st.cache_data(max_entries=200, show_spinner=False)
def _changes(
    folder: str,
    checksum: str,
    dials: tuple[tuple[str, float], ...],
    metric: str,
    _one: Decomposition,
) -> list[SliceChange]:
    from recsys_demo.studies.ablation.dials import slice_changes

    del folder, checksum
    return slice_changes(_one.taken, _one.labels, _one.slices, dict(dials), metric)


def list_decomposition(one: Decomposition, query: Query) -> LogitParts:
    """The parts of the whole catalogue's logits for one query."""
    return _list(one.folder, one.checksum, one, query)


@st.cache_resource(max_entries=60, show_spinner=False)
def _list(folder: str, checksum: str, _one: Decomposition, query: Query) -> LogitParts:
    from recsys_demo.studies.ablation.logit_parts import parts_of_list

    del folder, checksum
    return parts_of_list(_one.recommender, query)
