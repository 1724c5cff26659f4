"""The teacher's tab of what students have handed in: shown without saying whose it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from recsys_demo.lessons.classroom.classes import Teacher
from recsys_demo.lessons.classroom.seats import Seat
from recsys_demo.lessons.classroom.states import handed_in
from recsys_demo.ui.classroom.membership import class_store
from recsys_demo.ui.rooms import page_of
from recsys_demo.ui.state import State


def works_tab(state: State, _found: Seat, teacher: Teacher, _choices: Any) -> None:
    """A link to each state; it opens here as the student saw it."""
    works = handed_in(class_store(), teacher)
    if not works:
        st.caption(
            "Nothing yet. Students press *Hand in this page* in the sidebar of any room; each has "
            "one place here."
        )
    shown = {"projector": "1"} if state.projector else {}
    for number, work in enumerate(works, start=1):
        page = page_of(work.room)
        if page is not None:
            st.page_link(
                page.file,
                label=f"State {number}: {page.label}",
                icon=page.icon,
                query_params=dict(parse_qsl(work.link)) | shown,
            )
