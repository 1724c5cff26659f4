"""The log of a state, loaded once for all visitors."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import Dataset, load
from recsys_demo.data.specs import DataSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.ui.state import State


def schema_of(state: State) -> Schema:
    """The schema of the state's data. Raises InputError."""
    return _schema(state.data)


@st.cache_data(show_spinner=False, max_entries=20)
def _schema(spec: DataSpec) -> Schema:
    from recsys_demo.data.sources import schema_of_source

    return schema_of_source(spec)


def dataset(state: State) -> Dataset:
    """The data of the state, cut in parts; read-only, shared by all visitors. Raises InputError."""
    return _dataset(state.data, state.split_for(schema_of(state).split is not None))


@st.cache_resource(show_spinner="Reading the data ...", max_entries=3)
def _dataset(spec: DataSpec, split: SplitConfig) -> Dataset:
    return load(spec, split)


def truth_auc(state: State) -> Mapping[str, float] | None:
    """The planted truth's own AUC on every test slice: no model can be expected to beat it.
    None for data without a truth."""
    return _truth_auc(state.data, state.split_for(schema_of(state).split is not None))


@st.cache_data(show_spinner=False, max_entries=20)
def _truth_auc(spec: DataSpec, split: SplitConfig) -> Mapping[str, float] | None:
    import numpy as np

    from recsys_demo.evaluation.reports import evaluate
    from recsys_demo.evaluation.slices import default_slices

    data = _dataset(spec, split)
    if data.schema.truth is None:
        return None
    p = data.test.frame[data.schema.truth.probability].to_numpy().clip(1e-9, 1 - 1e-9)
    slices = default_slices(data.train, data.test)
    reports = evaluate(data.test.labels, np.log(p / (1 - p)), slices, ("auc",))
    return {key: report.values["auc"] for key, report in reports.items()}
