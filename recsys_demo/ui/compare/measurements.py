"""What the room computes, once for everybody: models with their runs, slices, metrics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import streamlit as st

from recsys_demo.config.presets import default_crosses
from recsys_demo.data.pairs import Pair
from recsys_demo.data.sources import Dataset
from recsys_demo.errors import LabError
from recsys_demo.evaluation.slices import Slice, Support
from recsys_demo.evaluation.verdicts import Verdict
from recsys_demo.studies.comparison.measures import SliceRow, compare, slice_rows
from recsys_demo.studies.comparison.models import Contender, contenders, popularity_of
from recsys_demo.studies.comparison.slices import (
    CrossSlices,
    frequent_values,
    own_slices,
    standard_slices,
    support_of,
)
from recsys_demo.training.saved_run import SavedRun
from recsys_demo.ui import datasets, words
from recsys_demo.ui.models import Training, saved_run
from recsys_demo.ui.state import State
from recsys_demo.ui.train.runs import pinned


@dataclass(frozen=True, eq=False)
class Comparison:
    """The models that are compared and the data they were tested on. `key` names the runs."""

    key: tuple[str, ...]
    data: Dataset
    models: tuple[Contender, ...]

    @property
    def by_key(self) -> dict[str, Contender]:
        """The models by their key."""
        return {model.key: model for model in self.models}


def comparison_of(state: State, wanted: Sequence[Training]) -> Comparison:
    """The finished ones of these trainings and the pinned runs on the same data. Raises
    InputError."""
    data = datasets.dataset(state)
    runs = [saved_run(t.job_id, str(t.run_folder)) for t in wanted if t.is_done]
    runs += [run for run in _pinned(state, wanted) if _same_data(run, data)]
    return Comparison(tuple(run.key for run in runs), data, _contenders(data, runs))


def of_runs(data: Dataset, runs: Sequence[Training]) -> Comparison:
    """Finished runs on these data and no others. Raises InputError."""
    saved = [saved_run(t.job_id, str(t.run_folder)) for t in runs]
    return Comparison(tuple(run.key for run in saved), data, _contenders(data, saved))


def _pinned(state: State, wanted: Sequence[Training]) -> list[SavedRun]:
    """The pinned runs that are still on this server."""
    found = []
    for training in pinned(state, wanted):
        try:
            run = saved_run(training.job_id, str(training.run_folder))
        except LabError:
            continue
        found.append(replace(run, label=f"{run.label} (pinned)"))
    return found


def _same_data(run: SavedRun, data: Dataset) -> bool:
    return run.result.get("fingerprint") == data.fingerprint


# What these hold is known by their names: they need not be looked through.
KEYED: dict[type | str, Callable[[Any], Any]] = {
    Comparison: lambda found: (found.key, found.data.fingerprint),
    Contender: attrgetter("key"),
    Dataset: attrgetter("fingerprint"),
    SavedRun: attrgetter("key", "label"),
    Slice: attrgetter("key"),
}


@st.cache_resource(max_entries=4, show_spinner="Reading predictions ...", hash_funcs=KEYED)
def _contenders(data: Dataset, runs: Sequence[SavedRun]) -> tuple[Contender, ...]:
    return tuple(contenders(runs, data.test))


@st.cache_resource(max_entries=6, show_spinner=False, hash_funcs=KEYED)
def slices(data: Dataset) -> tuple[Slice, ...]:
    """The lab's slices of the test rows."""
    return standard_slices(data)


def slice_of(found: Comparison, key: str) -> Slice:
    """The slice of this key, all rows if there is none."""
    known = {one.key: one for one in slices(found.data)}
    return known.get(key, known["all"])


def memory_slice(found: Comparison) -> tuple[str, str]:
    """The slice to be memorized and its name: planted exceptions where the test rows have any,
    else the pairs seen most."""
    there = {one.key for one in slices(found.data)}
    return words.PLANTED if words.PLANTED[0] in there else words.most_seen(found.data.train)


def places(found: Comparison) -> list[tuple[Slice, str]]:
    """The slices the room is about, and how sentences call them: to be memorized, never seen,
    all rows."""
    memory, name = memory_slice(found)
    called = {memory: name, "never": words.NEVER, "all": "all rows"}
    there = {one.key: one for one in slices(found.data)}
    return [(there[key], text) for key, text in called.items() if key in there]


def cross_slices(found: Comparison, state: State) -> tuple[Slice, ...]:
    """Seen and unseen rows of every cross that the person has switched on. Raises InputError."""
    return _cross_slices(found.data, state.active_crosses(default_crosses(found.data.schema)))


@st.cache_resource(max_entries=12, show_spinner="Reading the crosses ...", hash_funcs=KEYED)
def _cross_slices(data: Dataset, crosses: tuple[str, ...]) -> tuple[Slice, ...]:
    return CrossSlices.of(data).slices(crosses)


@st.cache_resource(max_entries=24, show_spinner=False, hash_funcs=KEYED)
def own(data: Dataset, texts: tuple[str, ...]) -> tuple[Slice, ...]:
    """The person's own slices. Raises InputError."""
    return own_slices(texts, data.test)


@st.cache_resource(max_entries=24, show_spinner="Counting pairs ...", hash_funcs=KEYED)
def support(data: Dataset, pair: Pair) -> Support:
    """In how many training rows each test row's pair occurs."""
    return support_of(data, pair)


@st.cache_resource(max_entries=60, show_spinner="Comparing ...", hash_funcs=KEYED)
def metric_rows(found: Comparison, wanted: Sequence[Slice], metric: str) -> list[SliceRow]:
    """A metric of every model on these slices."""
    return slice_rows(found.models, found.data.test.labels, wanted, metric)


@st.cache_resource(max_entries=60, show_spinner=False, hash_funcs=KEYED)
def popularity_rows(data: Dataset, wanted: Sequence[Slice], metric: str) -> list[SliceRow]:
    """A metric of popularity alone on these slices, under its key."""
    return slice_rows([popularity_of(data, 1)], data.test.labels, wanted, metric)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=KEYED)
def against_popularity(found: Comparison, model: Contender) -> Verdict:
    """What can be said of a model's AUC on all rows against popularity alone."""
    popular = popularity_of(found.data, len(model.seeds))
    return compare(model, popular, found.data.test.labels, slice_of(found, "all"), "auc")


@st.cache_resource(max_entries=60, show_spinner=False, hash_funcs=KEYED)
def values(data: Dataset, column: str) -> list[str]:
    """The values of a column in the test rows, the most frequent first; of a list, its members."""
    return frequent_values(data.test, column)


@st.cache_resource(max_entries=500, show_spinner=False, hash_funcs=KEYED)
def verdict(found: Comparison, a: Contender, b: Contender, rows: Slice, where: str) -> Verdict:
    """What can be said of two models' AUC on a slice; `where` is what sentences call it."""
    return compare(a, b, found.data.test.labels, rows, "auc", where)
