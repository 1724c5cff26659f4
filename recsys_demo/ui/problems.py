"""What is wrong with an input, said where the person is looking."""

from __future__ import annotations

import streamlit as st

from recsys_demo.errors import SHOWN_PROBLEMS, InputError
from recsys_demo.ui.escaping import plain


def show_problems(error: InputError) -> None:
    """Every problem as one entry: what, where, what was found, what to do."""
    lines = [
        f"**{plain(problem.what)}** ({plain(problem.where)})  \n"
        f"Got {plain(problem.got)}; expected {plain(problem.expected)}. {plain(problem.remedy)}"
        for problem in error.problems[:SHOWN_PROBLEMS]
    ]
    hidden = len(error.problems) - len(lines)
    if hidden:
        lines.append(f"... and {hidden:,} more.")
    st.error("\n\n".join(lines))
