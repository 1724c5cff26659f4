"""Kept charts: built once for the same content, anew for any other."""

from __future__ import annotations

import json
import re

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from recsys_demo.charts.waterfall import Step, waterfall
from recsys_demo.ui.chart_cache import KEPT, SentFigure, cached_figure
from recsys_demo.ui.chart_panel import page


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    st.cache_resource.clear()


def test_the_same_content_is_built_once_and_a_last_digit_is_another_content() -> None:
    built: list[float] = []

    def chart(value: float) -> go.Figure:
        steps = [Step("bias", value, "bias")]

        def build() -> go.Figure:
            built.append(value)
            return waterfall("deep", 0.0, steps)

        return cached_figure(("waterfall", steps, value), build)

    other = 0.1 + 0.2  # not 0.3
    assert chart(0.3) is chart(0.3)
    assert chart(other).to_dict()["data"][0]["x"][0] == other
    assert built == [0.3, other]


def test_no_more_are_kept_than_said() -> None:
    built: list[int] = []

    def ask(number: int) -> None:
        def build() -> go.Figure:
            built.append(number)
            return go.Figure()

        cached_figure(number, build)

    for number in [0, *range(1, KEPT + 1), 0]:
        ask(number)
    assert built.count(0) == 2


def test_what_is_sent_and_taken_away_is_the_figure_as_it_was_built() -> None:
    steps = [Step("bias", -0.25, "bias"), Step("<b>fm</b>", 1.5, "fm")]
    figure = waterfall("deep", 0.25, steps)
    figure.add_scatter(x=np.arange(40.0), y=np.arange(40.0) ** 2)
    drawn = SentFigure(figure)
    assert json.loads(pio.to_json(drawn.to_dict(), validate=False)) == json.loads(figure.to_json())
    written = drawn.to_html(include_plotlyjs=False, full_html=False, div_id="x")
    assert written == figure.to_html(include_plotlyjs=False, full_html=False, div_id="x")


def test_a_kept_chart_is_taken_away_as_a_page_and_stays_as_it_was() -> None:
    figure = waterfall("deep", 0.1, [Step("network", -0.25, "network")]).update_layout(width=300)
    kept = SentFigure(figure)
    before = json.dumps(kept.to_dict())
    name = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # drawn anew for every page
    assert name.sub(b"", page(kept)) == name.sub(b"", page(figure))
    assert json.dumps(kept.to_dict()) == before


def test_streamlit_sends_a_kept_chart_as_it_would_send_the_figure() -> None:
    def script() -> None:
        import streamlit as st

        from recsys_demo.charts.waterfall import Step, waterfall
        from recsys_demo.ui.chart_cache import SentFigure

        figure = waterfall("deep", 0.1, [Step("network", 0.5, "network")])
        st.plotly_chart(figure, key="figure", on_select="rerun")
        st.plotly_chart(SentFigure(figure), key="drawn", on_select="rerun")

    figure, drawn = (
        chart.proto for chart in AppTest.from_function(script).run().get("plotly_chart")
    )
    assert json.loads(drawn.spec) == json.loads(figure.spec)
    assert drawn.selection_mode == figure.selection_mode


def test_charts_share_their_template() -> None:
    one, other = (SentFigure(waterfall("deep", 0.0, [Step("a", n, "a")])) for n in (1.0, 2.0))
    assert one.to_dict()["layout"]["template"] is other.to_dict()["layout"]["template"]
    assert one.to_dict()["data"] != other.to_dict()["data"]
