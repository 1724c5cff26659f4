"""The lab's rule for calling one model better, to be read where it was applied."""

from __future__ import annotations

import streamlit as st

from recsys_demo.evaluation.verdicts import DRAWN_ANEW, RULE


def rule_popover(rule: str = RULE) -> None:
    """A button that shows the rule and what its intervals are about; `rule` where a page words it
    for several differences at once."""
    with st.popover("When one is called better", type="tertiary", icon=":material/help:"):
        st.markdown(f"{rule}\n\n{DRAWN_ANEW}")
