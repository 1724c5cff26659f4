"""The teacher's tab of what goes home: tables, common misconceptions, a sheet of each student."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from recsys_demo.csv_export import to_csv
from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.misconceptions import (
    Misconception,
    misconception_records,
    misconceptions,
)
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.classroom.sheets import sheets_archive
from recsys_demo.lessons.classroom.tables import answer_records, state_records
from recsys_demo.lessons.messages import Messages, messages
from recsys_demo.ui.classroom.gains import gains_part
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State

SHOWN = 5


def _common(common: list[Misconception], texts: Messages) -> None:
    st.markdown("**Common misconceptions**")
    if not common:
        st.caption("They are counted once you have marked what came out of a question.")
    for one in common:
        st.markdown(
            f"**{one.given} of {one.answered}** said: *{plain(one.answer)}*  \n"
            f"{plain(one.question)}  \n{plain(one.reason)}"
        )
        if one.examples:
            single = texts.text("class.example.single", answers="; ".join(one.examples))
            st.caption(plain(single))


def home_tab(state: State, found: Seat, teacher: Teacher, _choices: Any) -> None:
    """What is known of the class, to be downloaded before it is deleted."""
    texts, store = messages(state.language), class_store()
    gains_part(teacher, texts)
    records = answer_records(store, teacher, texts)
    if not records:
        st.caption("Nothing yet: tables are here once somebody has answered.")
        return
    common = misconceptions(store, teacher, texts)
    with st.container(horizontal=True):
        _download("Answers as CSV", f"{found.view.code}-answers.csv", records)
        _download("States as CSV", f"{found.view.code}-states.csv", state_records(store, teacher))
        _download(
            "Misconceptions as CSV",
            f"{found.view.code}-misconceptions.csv",
            misconception_records(common),
        )
        st.download_button(
            "A sheet for each student",
            lambda: sheets_archive(store, teacher, texts),
            f"{found.view.code}-sheets.zip",
            "application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
        )
    _common(common[:SHOWN], texts)


def _download(label: str, name: str, records: list[dict[str, Any]]) -> None:
    st.download_button(
        label,
        lambda: to_csv(pd.DataFrame(records)),
        name,
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        disabled=not records,
    )
