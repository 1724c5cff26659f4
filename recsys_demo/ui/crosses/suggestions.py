"""Pairs of fields worth crossing, and those that only look so."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from recsys_demo.charts import crosses as charts
from recsys_demo.features.crosses import Cross
from recsys_demo.studies.crosses.log_codes import LogCodes
from recsys_demo.studies.crosses.suggestions import ROWS, Gain
from recsys_demo.ui.crosses import counts
from recsys_demo.ui.crosses.choices import TRUSTS, CrossesChoices
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.room_choices import RoomChoices
from recsys_demo.ui.widgets import button

SHOWN = 8


def suggestions(
    key: str,
    log: LogCodes,
    choices: RoomChoices[CrossesChoices],
    add: Callable[[str], None],
    is_there: Callable[[Cross], bool],
) -> None:
    """The pairs that gain most on validation rows, with what they gain on training rows beside
    it."""
    st.markdown(
        "Information each pair adds beyond its two fields: on the training rows it was counted on, "
        "and on validation rows, which decide the order. **A long bar on training rows alone is "
        "over-crossing**: the pair memorized these rows and helps on no others."
    )
    st.select_slider(
        "Smoothing towards the two fields",
        TRUSTS,
        format_func=lambda rows: f"{rows:g} rows",
        help="How many rows the prediction of the two fields alone counts for. Higher: rare "
        "combinations are trusted less.",
        **choices.bound("trust"),
    )
    found = counts.gains((key, choices.now.trust), log, choices.now.trust)[:SHOWN]
    if not found:
        st.info("This log has only one field that can be crossed.")
        return
    st.plotly_chart(
        charts.gains(found),
        key="crosses.gains",
        alt="Gain per pair: " + "; ".join(_words(gain) for gain in found[:3]),
    )
    st.caption(
        f"The first, {plain(str(found[0].cross))}, gains {found[0].test:.1f} bits per 1,000 test "
        "rows, which played no part in the order."
    )
    with st.container(horizontal=True):
        for gain in found:
            text = str(gain.cross)
            there = is_there(gain.cross)
            button(
                plain(text) + (" (fits noise)" if gain.overcrossed else ""),
                f"crosses.add.{text}",
                add,
                text,
                icon=":material/check:" if there else ":material/add:",
                help="It is in your list." if there else "Add it to your list.",
                disabled=there,
            )
    with st.expander("How this is measured"):
        st.latex(
            r"\mathrm{gain} = \sum_{ab} k_{ab}\log_2\frac{q_{ab}}{p_{ab}} + (n_{ab}-k_{ab})"
            r"\log_2\frac{1-q_{ab}}{1-p_{ab}},\quad p_{ab}=\sigma(w_0+w_a+w_b),\quad "
            r"q_{ab}=\frac{k_{ab}+m\,p_{ab}}{n_{ab}+m}"
        )
        st.caption(
            "n: rows, k: installs of a combination in the training rows; m: the trust in the "
            "parts. On other rows p and q stay. A row with several values brings their mean. "
            f"In bits per 1,000 rows, on at most {ROWS:,} rows of each part. Two fields of the "
            "item are not compared where the item is a field: its own weight knows both."
        )


def _words(gain: Gain) -> str:
    return f"{gain.cross} {gain.train:.1f} on training rows, {gain.valid:.1f} on validation rows"
