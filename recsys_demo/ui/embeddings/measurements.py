"""What the room computes, once for everybody: runs, vectors, maps, probes, lift."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from recsys_demo.charts.embeddings import is_number, value_name
from recsys_demo.data.planted.sample import World, WorldConfig, make_world
from recsys_demo.data.sample_set import SampleSpec
from recsys_demo.data.sources import Dataset
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.studies.embeddings import overview as study
from recsys_demo.studies.embeddings.alignment import Alignment, align
from recsys_demo.studies.embeddings.lift import PairLift, pair_counts, pair_lift
from recsys_demo.studies.embeddings.lift import positions as places_of
from recsys_demo.studies.embeddings.maps import Projection, pca_map
from recsys_demo.studies.embeddings.neighbours import agreement
from recsys_demo.studies.embeddings.origins import SeenPairs
from recsys_demo.studies.embeddings.overview import Overview, clearest
from recsys_demo.studies.embeddings.probes import Probe, probe
from recsys_demo.studies.embeddings.settings import PcaSettings
from recsys_demo.studies.embeddings.tasks import read_map
from recsys_demo.studies.embeddings.two_fields import TwoFields, two_fields
from recsys_demo.studies.embeddings.vectors import (
    SUPPORT,
    FieldVectors,
    attributes_of,
    common_values,
    embedded_fields,
    field_vectors,
    positions,
    vectors_of_run,
)
from recsys_demo.training.runs import StoredRun, load_stored
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.ui import datasets
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.embeddings.panes import Pane
from recsys_demo.ui.state import State

TRUTH = "planted "  # before the name of what only the sample set's truth knows
LIFT_VALUES = 40


# What these hold is known by their names: they need not be looked through.
KEYED: dict[type | str, Callable[[Any], Any]] = {
    SavedRun: lambda run: (str(run.folder), run.checksum),
    Pane: lambda pane: (pane.key, pane.run.checksum),
    PcaSettings: PcaSettings.model_dump_json,
}


@st.cache_resource(max_entries=8, show_spinner="Reading the model ...", hash_funcs=KEYED)
def stored_run(run: SavedRun) -> StoredRun:
    """The run of an run. Raises InputError."""
    return load_stored(run.folder)


def fields_of(run: SavedRun) -> list[str]:
    """Fields of a run with a map."""
    return embedded_fields(stored_run(run).encoder)


@st.cache_resource(max_entries=40, show_spinner=False, hash_funcs=KEYED)
def vectors(pane: Pane, field: str, truth: bool) -> FieldVectors:
    """The vectors of a pane with their metadata, planted columns included if `truth`."""
    run = stored_run(pane.run)
    known = attributes_of(field, run.encoder, run.items, run.queries)
    data = pane.run.config.data
    if truth and known is run.items and isinstance(data, SampleSpec):
        known = with_truth(run.items, world_of(data.world))
    return vectors_of_run(run, field, pane.table, pane.start, metadata=known)


@st.cache_resource(max_entries=20, show_spinner="Comparing before and after ...", hash_funcs=KEYED)
def overview(pane: Pane, planted: bool) -> Overview:
    """A model before and after training, by the field and attribute it shows most clearly; by the
    planted taste where there is one that may be shown."""
    known = planted and isinstance(pane.run.config.data, SampleSpec)
    fields = [vectors(pane, field, known) for field in fields_of(pane.run)]
    field, attribute = clearest(fields, [TRUTH + "segment"])
    start = Pane(pane.run, pane.table, True, "")
    return study.overview(vectors(pane, field, known), vectors(start, field, False), attribute)


@st.cache_resource(max_entries=4, show_spinner=False)
def world_of(config: WorldConfig) -> World:
    """The world of a configuration, without its log."""
    return make_world(config)


@st.cache_resource(max_entries=10, show_spinner=False, hash_funcs=KEYED)
def pair_map(pane: Pane, planted: bool) -> TwoFields:
    """The reference pair's two fields of a factorization machine on one map. Raises InputError."""
    pair = stored_run(pane.run).encoder.fields.schema.pair
    return two_fields(*(vectors(pane, field, planted) for field in pair))


def with_truth(items: pd.DataFrame, world: World) -> pd.DataFrame:
    """The catalogue and what is planted in each item."""
    planted = world.item_truth().drop(columns="category", errors="ignore")
    return items.join(planted.add_prefix(TRUTH))


def dataset(run: SavedRun) -> Dataset:
    """The log the run was trained on. Raises InputError if it is no longer there."""
    return datasets.dataset(State(data=run.config.data, split=run.config.split))


@st.cache_resource(max_entries=40, show_spinner=False, hash_funcs=KEYED)
def pca(pane: Pane, field: str, settings: PcaSettings) -> Projection:
    """The PCA map of a pane."""
    return pca_map(vectors(pane, field, truth=False).vectors, settings)


@st.cache_resource(max_entries=40, show_spinner=False)
def finished_map(folder: str) -> Projection:
    """What a map job has left."""
    return read_map(Path(folder))


@by_key(40)
def alignment(
    first: FieldVectors, target: Projection, other: FieldVectors, moving: Projection
) -> Alignment:
    """The other map turned onto the first by the values both have."""
    shared = common_values([first, other])
    return align(
        target.places[positions(first, shared)],
        moving.places[positions(other, shared)],
        moving.places,
    )


def probes(pane: Pane, field: str, truth: bool, targets: Collection[str]) -> list[Probe]:
    """Every probe of a pane's trained table against its random start."""
    return [found for target in targets for found in _probes(pane, field, truth, target)]


@st.cache_data(max_entries=200, show_spinner="Probing ...", hash_funcs=KEYED)
def _probes(pane: Pane, field: str, truth: bool, target: str) -> list[Probe]:
    trained = vectors(pane, field, truth)
    begun = vectors(Pane(pane.run, pane.table, True, ""), field, truth)
    return probe(trained.vectors, begun.vectors, trained.metadata[target], target)


@st.cache_data(max_entries=100, show_spinner=False, hash_funcs=KEYED)
def list_agreement(first: Pane, second: Pane, field: str) -> Interval:
    """How far the lists of ten neighbours agree between two panes."""
    one, two = vectors(first, field, False), vectors(second, field, False)
    shared = common_values([one, two])
    return agreement(one.vectors[positions(one, shared)], two.vectors[positions(two, shared)])


@st.cache_resource(
    max_entries=10, show_spinner="Counting pairs in the training rows ...", hash_funcs=KEYED
)
def lift(pane: Pane, first: str, second: str) -> PairLift:
    """Inner products of two fields' most frequent values beside the lift in the training rows."""
    run = stored_run(pane.run)
    train = dataset(pane.run).train
    both = [
        field_vectors(
            run.state,
            run.encoder,
            name,
            pane.table,
            attributes_of(name, run.encoder, run.items, run.queries),
        ).most_supported(LIFT_VALUES)
        for name in (first, second)
    ]
    codes = [run.encoder.fields.vocabularies[f.field].codes_of(f.values) for f in both]
    encoded = run.encoder.fields.encode(train.frame)
    return pair_lift(both[0], both[1], encoded, train.labels, (codes[0], codes[1]))


@st.cache_resource(
    max_entries=6, show_spinner="Counting pairs in the training rows ...", hash_funcs=KEYED
)
def seen_pairs(pane: Pane, planted: bool) -> SeenPairs:
    """How often the values on a map of two fields occur together in the training rows."""
    found = pair_map(pane, planted)
    run, train = stored_run(pane.run), dataset(pane.run).train
    encoded = run.encoder.fields.encode(train.frame)
    first, second = (
        places_of(
            encoded.of(field.field),
            run.encoder.fields.vocabularies[field.field].codes_of(field.values),
        )
        for field in (found.first, found.second)
    )
    shape = (len(found.first), len(found.second))
    shown, taken = pair_counts(first, second, train.labels, shape)
    return SeenPairs(shown, taken, train.base_rate)


def found_by(vectors_: FieldVectors, text: str, color: str) -> list[str]:
    """Values whose name holds the text, or whose color is the class of that name; capitals or not.
    The value of exactly that name comes first, then the most supported."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    names = [name.casefold() for name in vectors_.names]
    classes = [""] * len(names)
    if color in vectors_.metadata and not is_number(vectors_.metadata[color]):
        classes = [value_name(value).casefold() for value in vectors_.metadata[color]]
    found = {
        value: name != wanted
        for value, name, kind in zip(vectors_.values, names, classes, strict=True)
        if wanted in name or wanted == kind
    }
    return sorted((v for v in by_support(vectors_) if v in found), key=lambda v: found[v])


def by_support(vectors_: FieldVectors) -> list[str]:
    """Values, those with most training rows first."""
    support = vectors_.metadata[SUPPORT].to_numpy()
    return [vectors_.values[i] for i in np.argsort(-support, kind="stable")]


Describe = Callable[[str], str]


def namer(vectors_: FieldVectors) -> Describe:
    """What to call a value in a list."""
    names = dict(zip(vectors_.values, vectors_.names, strict=True))
    return lambda value: names.get(value, value)


def known_rows(vectors_: FieldVectors, values: Collection[str]) -> np.ndarray:
    """Rows of the values that are there."""
    return positions(vectors_, list(values))
