"""Whole logs, as the Data room looks at them: read once for everybody, the last few kept."""

from __future__ import annotations

import streamlit as st

from recsys_demo.data.interactions import Interactions, concatenate
from recsys_demo.data.sources import load, read_log
from recsys_demo.data.specs import DataSpec, FileSpec
from recsys_demo.data.splits import SplitConfig
from recsys_demo.values import digest

KEPT = 3


def log_of(spec: DataSpec) -> Interactions:
    """The whole log of a source, also the rows that are in no part. Raises InputError."""
    return _log(digest(spec), spec)


@st.cache_resource(max_entries=KEPT, show_spinner="Reading the log ...")
def _log(key: str, _spec: DataSpec) -> Interactions:
    del key
    if isinstance(_spec, FileSpec) and _spec.data is None:
        cut = load(_spec, SplitConfig())
        return concatenate([cut.train, cut.valid, cut.test])
    return read_log(_spec)[0]
