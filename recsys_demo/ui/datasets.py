"""The log of a state, loaded once for all visitors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import streamlit as st

from recsys_demo.data.interactions import Interactions
from recsys_demo.data.schema import Schema, Truth
from recsys_demo.data.sources import Dataset, is_at_hand, load, read_log, schema_of_source
from recsys_demo.data.specs import DataSpec, SampleSpec
from recsys_demo.data.uploads import upload_of
from recsys_demo.jobs.bounded_calls import call_bounded, too_much
from recsys_demo.limits import Limits
from recsys_demo.ui import visitors, words
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.state import State


def schema_of(state: State) -> Schema:
    """The schema of the state's data. Raises InputError."""
    return schema_of_source(state.data, call_bounded)


def dataset(state: State) -> Dataset:
    """The data of the state, cut in parts; read-only, shared by all visitors. Raises InputError."""
    split = state.split_for(schema_of(state).split is not None)
    for text in state.data.paths().values():
        if (upload := upload_of(text)) is not None:
            visitors.show(upload.digest)
    if is_at_hand(state.data, split):
        return load(state.data, split, call_bounded)
    _check_size(state.data)
    with st.spinner("Reading the data ..."):
        return load(state.data, split, call_bounded)


def log_of(spec: DataSpec) -> Interactions:
    """The whole log of a source, also the rows that are in no part. Raises InputError."""
    if is_at_hand(spec):
        return read_log(spec, call_bounded).log
    _check_size(spec)
    with st.spinner("Reading the log ..."):
        return read_log(spec, call_bounded).log


def _check_size(spec: DataSpec) -> None:
    """Refuse, before anything is drawn, what could not be shown when it is there."""
    limits = Limits.from_environment()
    if spec.expected_bytes > limits.page_bytes:
        raise too_much(limits)


def memory_slice(state: State) -> tuple[str, str]:
    """The slice that asks for memorizing, and its name: planted exceptions where there are any,
    else the pairs seen most. Raises InputError."""
    if isinstance(state.data, SampleSpec):  # known before the world is drawn
        return words.PLANTED if state.data.world.exceptions else words.MOST_SEEN
    if schema_of(state).truth is not None:
        return words.PLANTED
    return words.most_seen(dataset(state).train)


def truth_auc(state: State) -> Mapping[str, float] | None:
    """The planted truth's own AUC on every test slice: no model can be expected to beat it.
    None for data without a truth."""
    data = dataset(state)
    return (
        None if data.schema.truth is None else _truth_auc(data.fingerprint, data, data.schema.truth)
    )


def popularity_auc(state: State) -> Mapping[str, float]:
    """The AUC of the items' own rates on every test slice: a model has to beat it."""
    data = dataset(state)
    return _popularity_auc(data.fingerprint, data)


@by_key(20)
def _truth_auc(data: Dataset, truth: Truth) -> Mapping[str, float]:
    from scipy.special import logit

    p = data.test.frame[truth.probability].to_numpy().clip(1e-9, 1 - 1e-9)
    return _auc_by_slice(data, logit(p))


@by_key(20)
def _popularity_auc(data: Dataset) -> Mapping[str, float]:
    from recsys_demo.evaluation.popularity import Popularity

    return _auc_by_slice(data, Popularity.of(data.train).logits(data.test))


def _auc_by_slice(data: Dataset, logits: npt.NDArray[np.float64]) -> Mapping[str, float]:
    from recsys_demo.evaluation.reports import evaluate
    from recsys_demo.evaluation.slices import default_slices

    slices = default_slices(data.train, data.test)
    reports = evaluate(data.test.labels, logits, slices, ("auc",))
    return {key: report.values["auc"] for key, report in reports.items()}
