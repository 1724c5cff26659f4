"""What the room computes, once for everybody: models with their runs, slices, metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from recsys_demo.config.presets import default_crosses
from recsys_demo.data.sources import Dataset
from recsys_demo.errors import LabError
from recsys_demo.evaluation.slices import Slice, Support
from recsys_demo.evaluation.verdicts import Verdict
from recsys_demo.studies.comparison.measures import SliceRow, compare, slice_rows
from recsys_demo.studies.comparison.models import Contender, SavedRun, contenders, saved_run
from recsys_demo.studies.comparison.slicing import (
    CrossSeen,
    Pair,
    frequent_values,
    own_slices,
    standard_slices,
    support_of,
)
from recsys_demo.ui import datasets
from recsys_demo.ui.models import Training
from recsys_demo.ui.state import State
from recsys_demo.ui.train.runs import pinned


@dataclass(frozen=True, eq=False)
class Compared:
    """The models that are compared and the data they were tested on. `key` names the runs."""

    key: tuple[str, ...]
    data: Dataset
    models: tuple[Contender, ...]

    @property
    def by_key(self) -> dict[str, Contender]:
        """The models by their key."""
        return {model.key: model for model in self.models}


def compared(state: State, wanted: Sequence[Training]) -> Compared:
    """The finished ones of these trainings and the pinned runs on the same data. Raises
    InputError."""
    data = datasets.dataset(state)
    runs = [_saved(t.job_id, str(t.run_folder), False) for t in wanted if t.is_done]
    runs += [run for run in _pinned(state, wanted) if _same_data(run, data)]
    key = tuple(run.key for run in runs)
    return Compared(key, data, _contenders(key, data.fingerprint, data, runs))


def _pinned(state: State, wanted: Sequence[Training]) -> list[SavedRun]:
    """The pinned runs that are still on this server."""
    found = []
    for training in pinned(state, wanted):
        try:
            found.append(_saved(training.job_id, str(training.run_folder), True))
        except LabError:
            continue
    return found


def _same_data(run: SavedRun, data: Dataset) -> bool:
    return run.result.get("fingerprint") == data.fingerprint


@st.cache_resource(max_entries=64, show_spinner=False)
def _saved(key: str, folder: str, is_pinned: bool) -> SavedRun:
    return saved_run(key, Path(folder), is_pinned)


@st.cache_resource(max_entries=4, show_spinner="Reading the predictions ...")
def _contenders(
    key: tuple[str, ...], fingerprint: str, _data: Dataset, _runs: Sequence[SavedRun]
) -> tuple[Contender, ...]:
    del key, fingerprint
    return tuple(contenders(_runs, _data.test))


def slices(found: Compared) -> tuple[Slice, ...]:
    """The lab's slices of the test rows."""
    return _slices(found.data.fingerprint, found.data)


@st.cache_resource(max_entries=6, show_spinner=False)
def _slices(fingerprint: str, _data: Dataset) -> tuple[Slice, ...]:
    del fingerprint
    return standard_slices(_data)


def slice_of(found: Compared, key: str) -> Slice:
    """The slice of this key, all rows if there is none."""
    known = {one.key: one for one in slices(found)}
    return known.get(key, known["all"])


def cross_slices(found: Compared, state: State) -> tuple[Slice, ...]:
    """Seen and unseen rows of every cross that the person has switched on. Raises InputError."""
    crosses = state.active_crosses(default_crosses(found.data.schema))
    return _cross_slices(found.data.fingerprint, crosses, found.data)


@st.cache_resource(max_entries=12, show_spinner="Looking the crosses up ...")
def _cross_slices(fingerprint: str, crosses: tuple[str, ...], _data: Dataset) -> tuple[Slice, ...]:
    del fingerprint
    return CrossSeen.of(_data).slices(crosses)


def own(found: Compared, texts: tuple[str, ...]) -> tuple[Slice, ...]:
    """The person's own slices. Raises InputError."""
    return _own(found.data.fingerprint, texts, found.data)


@st.cache_resource(max_entries=24, show_spinner=False)
def _own(fingerprint: str, texts: tuple[str, ...], _data: Dataset) -> tuple[Slice, ...]:
    del fingerprint
    return own_slices(texts, _data.test)


def support(found: Compared, pair: Pair) -> Support:
    """In how many training rows each test row's pair occurs."""
    return _support(found.data.fingerprint, pair, found.data)


@st.cache_resource(max_entries=24, show_spinner="Counting pairs ...")
def _support(fingerprint: str, pair: Pair, _data: Dataset) -> Support:
    del fingerprint
    return support_of(_data, pair)


def measured(found: Compared, wanted: Sequence[Slice], metric: str) -> list[SliceRow]:
    """A metric of every model on these slices."""
    keys = tuple(one.key for one in wanted)
    return _measured(found.key, found.data.fingerprint, keys, metric, found, wanted)


@st.cache_resource(max_entries=60, show_spinner="Comparing ...")
def _measured(
    key: tuple[str, ...],
    fingerprint: str,
    keys: tuple[str, ...],
    metric: str,
    _found: Compared,
    _wanted: Sequence[Slice],
) -> list[SliceRow]:
    del key, fingerprint, keys
    return slice_rows(_found.models, _found.data.test.labels, _wanted, metric)


def values(found: Compared, column: str) -> list[str]:
    """The values of a column in the test rows, the most frequent first; of a list, its members."""
    return _values(found.data.fingerprint, column, found.data)


@st.cache_resource(max_entries=60, show_spinner=False)
def _values(fingerprint: str, column: str, _data: Dataset) -> list[str]:
    del fingerprint
    return frequent_values(_data.test, column)


def verdict(found: Compared, a: Contender, b: Contender, rows: Slice, where: str) -> Verdict:
    """What can be said of two models' AUC on a slice; `where` is what sentences call it."""
    return _verdict(found.key, found.data.fingerprint, a.key, b.key, rows.key, where, found, rows)


@st.cache_resource(max_entries=500, show_spinner=False)
def _verdict(
    key: tuple[str, ...],
    fingerprint: str,
    a: str,
    b: str,
    slice_: str,
    where: str,
    _found: Compared,
    _rows: Slice,
) -> Verdict:
    del key, fingerprint, slice_
    first, second = _found.by_key[a], _found.by_key[b]
    return compare(first, second, _found.data.test.labels, _rows, "auc", where)
