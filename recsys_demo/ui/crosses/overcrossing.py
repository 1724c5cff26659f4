"""The overcross demonstration: one cross too fine, trained before a person's eyes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from recsys_demo.charts import crosses as charts
from recsys_demo.ui.frame import plain

if TYPE_CHECKING:
    from recsys_demo.overcross import Point  # torch comes with it

# Called with the cross and L1 and gives the loss after every epoch.
Train = Callable[[str, float], "Sequence[Point]"]


def demonstration(cross: str | None, train: Train) -> None:
    """Train a linear model with and without this cross and show both parts' losses."""
    if cross is None:
        st.info("This log has fields on one side only: there is nothing to overcross.")
        return
    st.markdown(
        "A linear model is trained twice, without and with the cross "
        f"**{plain(cross)}**: of the user, the context and the item the field with the most "
        "values. Few of its combinations occur often enough to learn from. Watch both losses."
    )
    l1 = st.select_slider(
        "L1 of the FTRL optimizer",
        (0.0, 0.3, 1.0, 3.0, 10.0),
        key="crosses.overcross.l1",
        persist_state="session",
        help="Pulls weights with little evidence to exactly zero; 0 lets every combination speak.",
    )
    if not st.button("Overcross it", icon=":material/play_arrow:", key="crosses.overcross.go"):
        shown: Sequence[Point] = st.session_state.get("crosses.overcross.points", ())
    else:
        with st.spinner("Training both models ..."):
            shown = train(cross, l1)
        st.session_state["crosses.overcross.points"] = shown
    if not shown:
        return
    st.plotly_chart(charts.overcross(shown), key="crosses.overcross", alt=_reading(shown))
    st.markdown(plain(_reading(shown)))


def _reading(points: Sequence[Point]) -> str:
    last = {point.model: point for point in points}
    without, crossed = last["without"], last["with"]
    return (
        f"With {crossed.parameters - without.parameters:,} more weights the training loss goes "
        f"from {without.train:.3f} to {crossed.train:.3f}, that of held-out rows from "
        f"{without.held_out:.3f} to {crossed.held_out:.3f}."
    )
