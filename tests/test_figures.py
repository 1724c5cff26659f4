"""Kept charts: built once for the same content, anew for any other."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
import streamlit as st

from recsys_demo.charts.recommend import Step, waterfall
from recsys_demo.ui.figures import KEPT, kept


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    st.cache_resource.clear()


def test_the_same_content_is_built_once_and_a_last_digit_is_another_content() -> None:
    built: list[float] = []

    def chart(value: float) -> go.Figure:
        steps = [Step("bias", value, "bias")]

        def build() -> go.Figure:
            built.append(value)
            return waterfall(steps, value)

        return kept(("waterfall", steps, value), build)

    other = 0.1 + 0.2  # not 0.3
    assert chart(0.3) is chart(0.3)
    assert chart(other).data[0].x[0] == other
    assert built == [0.3, other]


def test_no_more_are_kept_than_said() -> None:
    built: list[int] = []

    def ask(number: int) -> None:
        def build() -> go.Figure:
            built.append(number)
            return go.Figure()

        kept(number, build)

    for number in [0, *range(1, KEPT + 1), 0]:
        ask(number)
    assert built.count(0) == 2
