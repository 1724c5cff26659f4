"""Data sets of the pages: read once for everybody, the last few kept."""

from __future__ import annotations

import streamlit as st

from recsys_demo.configuration import digest
from recsys_demo.data.interactions import Interactions, concatenate
from recsys_demo.data.schema import Schema
from recsys_demo.data.sources import (
    Dataset,
    DataSpec,
    FileSpec,
    SampleSpec,
    load,
    read_log,
)
from recsys_demo.data.splits import SplitConfig

KEPT = 4


def dataset_of(spec: DataSpec, split: SplitConfig) -> Dataset:
    """The data set of a source, cut. Raises InputError."""
    return _dataset(digest(spec), digest(split), spec, split)


def log_of(spec: DataSpec, split: SplitConfig) -> Interactions:
    """The whole log of a source, also the rows that are in no part. Raises InputError."""
    return _log(digest(spec), digest(split), spec, split)


def split_for(spec: DataSpec) -> SplitConfig:
    """The split a source brings along, else a random one."""
    if isinstance(spec, SampleSpec):
        return SplitConfig(kind="column")
    if isinstance(spec, FileSpec) and Schema.parse(spec.schema_toml).split is not None:
        return SplitConfig(kind="column")
    return SplitConfig()


@st.cache_resource(max_entries=KEPT, show_spinner="Reading the log ...")
def _dataset(spec_key: str, split_key: str, _spec: DataSpec, _split: SplitConfig) -> Dataset:
    del spec_key, split_key
    return load(_spec, _split)


@st.cache_resource(max_entries=KEPT, show_spinner="Reading the log ...")
def _log(spec_key: str, split_key: str, _spec: DataSpec, _split: SplitConfig) -> Interactions:
    del spec_key, split_key
    if isinstance(_spec, FileSpec) and _spec.data is None:
        cut = load(_spec, _split)
        return concatenate([cut.train, cut.valid, cut.test])
    return read_log(_spec)[0]
