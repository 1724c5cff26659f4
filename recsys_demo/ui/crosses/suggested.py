"""Pairs of fields worth crossing, and those that only look so."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recsys_demo.charts import crosses as charts
from recsys_demo.crosses.coded import CodedLog
from recsys_demo.crosses.suggestions import PRIOR_ROWS, ROWS, Gain
from recsys_demo.ui.crosses import computed
from recsys_demo.ui.frame import plain

SHOWN = 8


def suggestions(key: str, log: CodedLog, add: Callable[[str], None]) -> None:
    """The pairs that gain most on training rows, with what they gain on others beside it."""
    st.markdown(
        "What a pair of fields knows that its parts do not, on the training rows it was counted "
        "on and on held-out rows. **A long bar on training rows alone is over-crossing**: it "
        "learned these rows by heart."
    )
    prior_rows = st.select_slider(
        "Trust in the parts",
        (1.0, 3.0, 10.0, 30.0, 100.0),
        value=PRIOR_ROWS,
        key="crosses.prior",
        persist_state="session",
        format_func=lambda rows: f"{rows:g} rows",
        help="Before a combination is believed, its parts count as so many rows of their own. "
        "More: less is learned by heart.",
    )
    found = computed.gains(key, prior_rows, log)[:SHOWN]
    if not found:
        st.info("This log has only one field that can be crossed.")
        return
    st.plotly_chart(
        charts.gains(found),
        key="crosses.gains",
        alt="Gain per pair: " + "; ".join(_words(gain) for gain in found[:3]),
    )
    with st.container(horizontal=True):
        for gain in found:
            text = str(gain.cross)
            st.button(
                f"Add {plain(text)}" + (" (learns noise)" if gain.overcrossed else ""),
                key=f"crosses.add.{text}",
                on_click=add,
                args=(text,),
                type="secondary" if gain.overcrossed else "primary",
            )
    with st.expander("How this is measured"):
        st.latex(
            r"\mathrm{gain} = \sum_{ab} k_{ab}\log_2\frac{q_{ab}}{p_{ab}} + (n_{ab}-k_{ab})"
            r"\log_2\frac{1-q_{ab}}{1-p_{ab}},\quad p_{ab}=\sigma(w_0+w_a+w_b),\quad "
            r"q_{ab}=\frac{k_{ab}+m\,p_{ab}}{n_{ab}+m}"
        )
        st.caption(
            "n: rows, k: installs of a combination in the training rows; m: the trust in the "
            "parts. For the held-out gain n and k are those of the held-out rows, p and q stay. "
            f"In bits per 1,000 rows, on at most {ROWS:,} rows of each part."
        )


def _words(gain: Gain) -> str:
    return f"{gain.cross} {gain.train:.1f} on training rows, {gain.held_out:.1f} on held-out rows"
