"""What using a file will do, before it is done."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recsys_demo.data.interactions import ReadReport, build_interactions
from recsys_demo.data.schema import Schema
from recsys_demo.data.tables import RawTable
from recsys_demo.errors import Problem


def consequences(log: RawTable, items: RawTable | None, schema: Schema) -> bool:
    """Say which rows are kept, which refused and why, and what is sampled. Raises InputError if
    nothing usable is left."""
    rows, report = build_interactions(log, schema, items, bad_rows="drop")
    sampled = len(rows) * (schema.negatives_per_positive or 0)
    with st.container(horizontal=True):
        st.metric("Rows in the file", f"{report.read:,}")
        st.metric("Rows kept", f"{report.kept:,}")
        st.metric("Rows refused", f"{report.refused:,}")
        st.metric("Rows to be sampled", f"{sampled:,}", help="As not taken, for a log of taken.")
        st.metric("Taken", f"{rows.base_rate / (1 + (schema.negatives_per_positive or 0)):.1%}")
    if report.problems:
        st.markdown(f"**Why {report.refused:,} rows are refused**")
        st.dataframe(
            problem_table(report),
            hide_index=True,
            alt=f"{report.refused} refused rows with their reasons",
        )
    return True


def problem_table(report: ReadReport) -> pd.DataFrame:
    """The problems as columns a person reads."""

    def row(problem: Problem) -> tuple[str, str, str, str, str]:
        return (problem.where, problem.what, problem.got, problem.expected, problem.remedy)

    columns = ["where", "what", "found", "expected", "what to do"]
    return pd.DataFrame([row(problem) for problem in report.problems], columns=columns)
