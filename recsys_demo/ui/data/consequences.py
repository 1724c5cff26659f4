"""What using a file will do, before it is done."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recsys_demo.data.consequences import Consequences, consequences_of
from recsys_demo.data.interactions import ReadReport
from recsys_demo.data.leaks import Leak
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import Problem
from recsys_demo.jobs.bounded_calls import call_bounded
from recsys_demo.ui.content_cache import by_key
from recsys_demo.ui.markdown import plain

REASONS_SHOWN = 6


def consequences(
    key: str, log: RawTable, items: RawTable | None, schema: Schema
) -> tuple[Leak, ...]:
    """Say which rows are kept, which refused and why, and what is sampled; the fields that give the
    label away. Raises InputError if nothing usable is left. `key` stands for the contents of the
    files."""
    found = _consequences((key, schema), log, items, schema)
    report = found.report
    with st.container(horizontal=True):
        st.metric("Rows in the file", f"{report.read:,}")
        st.metric("Rows kept", f"{report.kept:,}")
        st.metric("Rows refused", f"{report.refused:,}")
        if schema.negatives_per_positive:
            st.metric(
                "Rows to be sampled",
                f"{found.sampled:,}",
                help="Items the user never took, as not taken: the file has only what was taken.",
            )
        st.metric("Taken", f"{found.positive_rate:.1%}", help="Share of the rows with label 1.")
    if report.notes:
        st.info("\n".join(f"- {plain(note)}" for note in report.notes), icon=":material/info:")
    if report.problems:
        st.markdown(
            f"**Why {report.refused:,} rows are refused**\n\n"
            + "\n".join(f"- {plain(reason)}" for reason in reasons(report))
        )
        st.dataframe(
            problem_table(report),
            hide_index=True,
            height=240,
            alt=f"{report.refused} refused rows with their reasons",
        )
    return found.leaks


@by_key(8, "Reading the rows ...")
def _consequences(log: RawTable, items: RawTable | None, schema: Schema) -> Consequences:
    return call_bounded(consequences_of, log, items, schema)


def reasons(report: ReadReport) -> list[str]:
    """Each kind of problem once, with how it looks where it is first met."""
    first: dict[tuple[str, str], Problem] = {}
    for problem in report.problems:
        first.setdefault((problem.what, problem.expected), problem)
    told = [
        f"{problem.what} (first in {problem.where}: {problem.got}; expected {problem.expected}). "
        f"{problem.remedy}"
        for problem in first.values()
    ]
    if len(told) > REASONS_SHOWN:
        told = [*told[:REASONS_SHOWN], f"{len(told) - REASONS_SHOWN} more, see the table"]
    return told


def problem_table(report: ReadReport) -> pd.DataFrame:
    """The problems as columns a person reads."""

    def row(problem: Problem) -> tuple[str, str, str, str]:
        return (problem.where, problem.what, problem.got, problem.expected)

    columns = ["where", "what", "found", "expected"]
    return pd.DataFrame([row(problem) for problem in report.problems], columns=columns)
