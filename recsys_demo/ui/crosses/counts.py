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
from recsys_demo.studies.crosses.sentences import strongest
from recsys_demo.studies.crosses.statistics import (
    CrossStatistics,
    covered_share,
    describe_cross,
)
from recsys_demo.studies.crosses.suggestions import ROWS, Gain, field_pairs, sample_of, suggest
from recsys_demo.ui.content_cache import by_key

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
    with st.spinner("Encoding the log ..."):
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


rows = by_key(64)(strongest)


@by_key(16, "Comparing every pair of fields ...")
def gains(log: LogCodes, prior_rows: float) -> list[Gain]:
    """Every pair of fields with what it gains."""
    limits = Limits.from_environment()
    looked_at = sample_of(log, ROWS, 0)
    do = _do(looked_at, *field_pairs(looked_at, limits))
    found: list[Gain] = do(suggest, looked_at, prior_rows=prior_rows, limits=limits)
    return found


@by_key(64)
def covered_share_of(crosses: Sequence[CrossStatistics], log: LogCodes, min_support: int) -> float:
    """Share of the held-out rows that at least one of these crosses covers."""
    do = _do(log, *(one.cross for one in crosses))
    share: float = do(covered_share, crosses, log, min_support)
    return share
