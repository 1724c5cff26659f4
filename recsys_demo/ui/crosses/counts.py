"""What the Crosses room counts, kept per data set so that a click costs no counting twice."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys_demo.data.cache import Cache
from recsys_demo.data.sources import Dataset, Do, call_here
from recsys_demo.features.cross_dictionary import check_total, most_in_a_row
from recsys_demo.features.crosses import Cross
from recsys_demo.jobs.bounded_calls import call_bounded
from recsys_demo.limits import Limits
from recsys_demo.studies.crosses.log_codes import LogCodes, log_codes
from recsys_demo.studies.crosses.sentences import Row, strongest
from recsys_demo.studies.crosses.statistics import (
    CrossStatistics,
    Order,
    covered_share,
    describe_cross,
)
from recsys_demo.studies.crosses.suggestions import ROWS, Gain, field_pairs, sample_of, suggest

# So many combinations are counted in place; to send the log to another process would take longer.
IN_PLACE = 2_000_000
_CODED: Cache[LogCodes] = Cache(4)
_DESCRIBED: Cache[CrossStatistics] = Cache(64)


def log_codes_of(key: str, data: Dataset) -> LogCodes:
    """The log of this key, coded. Raises InputError where that is too much for a page."""
    return _CODED.get(key, lambda: _code(data))


def cross_statistics(
    key: str, cross: Cross, min_support: int, log: LogCodes, limits: Limits
) -> CrossStatistics:
    """Everything about one cross. Raises InputError if it is too large."""
    name = f"{key}|{min_support}|{limits.model_dump_json()}|{cross}"
    return _DESCRIBED.get(name, lambda: _describe(cross, log, min_support, limits))


def _code(data: Dataset) -> LogCodes:
    with st.spinner("Coding the log ..."):
        return call_bounded(log_codes, data.train, data.test, data.valid)


def _describe(cross: Cross, log: LogCodes, min_support: int, limits: Limits) -> CrossStatistics:
    for rows in (log.train, log.test):
        check_total(cross, rows.codes, limits)
    with st.spinner("Counting combinations ..."):
        found: CrossStatistics = _do(log, cross)(
            describe_cross, cross, log, min_support, None, limits
        )
    return found


def _do(log: LogCodes, *crosses: Cross) -> Do:
    """Where to look at all combinations of these crosses."""
    most = max((most_in_a_row(cross, log.train.codes) for cross in crosses), default=0)
    return call_bounded if most * max(len(log.train), len(log.test)) > IN_PLACE else call_here


@st.cache_resource(max_entries=64, show_spinner=False)
def rows(
    key: str, cross: str, by: Order, min_support: int, _described: CrossStatistics, _log: LogCodes
) -> list[Row]:
    """The strongest combinations."""
    del key, cross
    return strongest(_described, _log, by, min_support)


@st.cache_resource(max_entries=16, show_spinner="Comparing every pair of fields ...")
def gains(key: str, prior_rows: float, _log: LogCodes) -> list[Gain]:
    """Every pair of fields with what it gains."""
    del key
    limits = Limits.from_environment()
    looked_at = sample_of(_log, ROWS, 0)
    do = _do(looked_at, *field_pairs(looked_at, limits))
    found: list[Gain] = do(suggest, looked_at, prior_rows=prior_rows, limits=limits)
    return found


@st.cache_data(max_entries=64, show_spinner=False)
def covered_share_of(
    key: str,
    crosses: tuple[str, ...],
    min_support: int,
    _described: Sequence[CrossStatistics],
    _log: LogCodes,
) -> float:
    """Share of the held-out rows that at least one of these crosses speaks about."""
    del key, crosses
    do = _do(_log, *(one.cross for one in _described))
    share: float = do(covered_share, _described, _log, min_support)
    return share
