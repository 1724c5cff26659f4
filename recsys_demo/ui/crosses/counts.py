"""What the Crosses room counts, kept per data set so that a click costs no counting twice."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.data.interactions import Interactions
from recsys_demo.features.crosses import Cross
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.coded import CodedLog, code_log
from recsys_demo.studies.crosses.sentences import Row, strongest
from recsys_demo.studies.crosses.statistics import (
    CrossStatistics,
    Order,
    describe_cross,
    spoken_for,
)
from recsys_demo.studies.crosses.suggestions import Gain, suggest


@st.cache_resource(max_entries=4, show_spinner="Coding the log ...")
def coded(key: str, _train: Interactions, _test: Interactions) -> CodedLog:
    """The log of this key, coded."""
    del key
    return code_log(_train, _test)


@st.cache_resource(max_entries=64, show_spinner="Counting combinations ...")
def described(
    key: str, cross: str, min_support: int, _cross: Cross, _log: CodedLog, _limits: Limits
) -> CrossStatistics:
    """Everything about one cross. Raises InputError if it is too large."""
    del key, cross
    return describe_cross(_cross, _log, min_support, limits=_limits)


@st.cache_resource(max_entries=64, show_spinner=False)
def rows(
    key: str, cross: str, by: Order, min_support: int, _described: CrossStatistics, _log: CodedLog
) -> list[Row]:
    """The strongest combinations."""
    del key, cross
    return strongest(_described, _log, by, min_support)


@st.cache_resource(max_entries=16, show_spinner="Comparing every pair of fields ...")
def gains(key: str, prior_rows: float, _log: CodedLog) -> list[Gain]:
    """Every pair of fields with what it gains."""
    del key
    return suggest(_log, prior_rows=prior_rows)


@st.cache_data(max_entries=64, show_spinner=False)
def together(
    key: str,
    crosses: tuple[str, ...],
    min_support: int,
    _described: Sequence[CrossStatistics],
    _log: CodedLog,
) -> float:
    """Share of the held-out rows that at least one of these crosses speaks about."""
    del key, crosses
    return spoken_for(_described, _log, min_support)
