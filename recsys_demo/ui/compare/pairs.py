"""Every pair of models as a sentence."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from recsys_demo.evaluation.verdicts import NOT_FOUND, NOT_YET
from recsys_demo.studies.comparison.pairings import pairing_frame
from recsys_demo.ui.chart_panel import files
from recsys_demo.ui.compare.choices import Control
from recsys_demo.ui.compare.measurements import KEYED, Comparison, places
from recsys_demo.ui.compare.support import SHOWN
from recsys_demo.ui.markdown import plain
from recsys_demo.ui.state import State


def pairs_section(state: State, found: Comparison, control: Control) -> None:
    """A table of all comparisons by AUC, and in the files by log loss too."""
    del state, control
    if len(found.models) < 2:
        st.info("Only one model is trained. Train another to compare it with.")
        return
    frame = _pairings(found)
    told = frame[frame["metric"] == "AUC"]
    shown = pd.DataFrame(
        {
            "": [plain(f"{a} against {b}") for a, b in zip(told["a"], told["b"], strict=True)],
            "slice": [plain(where) for where in told["slice"]],
            "better": [
                plain(who) if who in (NOT_FOUND, NOT_YET) else f"**{plain(who)}**"
                for who in told["better"]
            ],
            "difference of AUC": [
                f"{abs(gain):.4f}" + ("" if math.isnan(half) else f" ± {half:.4f}")
                for gain, half in zip(told["a better by"], told["±"].astype(float), strict=True)
            ],
        }
    )
    st.table(shown, hide_index=True, border="horizontal")
    st.caption(
        "Each line stands for itself at 95 %: of twenty true equals one will look different by "
        "chance. The slice table is stricter, it corrects for the number of models."
    )
    files("compare.pairs", frame)


@st.cache_resource(max_entries=12, show_spinner="Comparing ...", hash_funcs=KEYED)
def _pairings(found: Comparison) -> pd.DataFrame:
    return pairing_frame(found.models, found.data.test.labels, places(found), SHOWN)
