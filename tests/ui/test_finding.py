"""The place of a finding: full while the page is drawn again, and only with what still holds."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from recsys_demo.data.planted.world_config import WorldConfig
from recsys_demo.data.specs import SampleSpec
from recsys_demo.ui.state import State

SAID = "DeepFM leads."


def page() -> None:
    import streamlit as st

    from recsys_demo.ui.finding import FindingPlace

    place = FindingPlace("train")
    if st.session_state["said"]:
        place.say(st.session_state["said"])


@pytest.fixture
def at() -> AppTest:
    """The page drawn again in the same state, before it has come to its finding."""
    drawn = AppTest.from_function(page)
    drawn.session_state["said"] = SAID
    drawn.run()
    drawn.session_state["said"] = ""
    return drawn.run()


def test_what_was_said_stays_until_it_is_said_anew(at: AppTest) -> None:
    assert at.markdown[0].value == SAID


@pytest.mark.parametrize(
    "state",
    [
        State(data=SampleSpec(world=WorldConfig(users=200))),
        State(hide=("results",)),
        State(led="a.dots"),
    ],
    ids=["another log", "a link that hides results", "a lesson that withholds them"],
)
def test_nothing_is_said_of_another_log_or_of_what_is_withheld(at: AppTest, state: State) -> None:
    at.session_state["lab.state"] = state
    assert at.run().markdown[0].value == ""
