"""Models by one number, where a log has no rows for the map's other axis."""

from __future__ import annotations

import math

from recsys_demo.charts.strip import describe_strip, strip
from recsys_demo.charts.tradeoff import Dot

DOTS = [Dot("wide", 0.51, math.nan), Dot("deep", 0.85, math.nan, name="<b>mine")]


def test_every_model_has_a_row_with_its_symbol_and_the_truth_a_star() -> None:
    figure = strip(DOTS, "AUC", 0.89)
    assert [(trace.y[0], trace.x[0]) for trace in figure.data] == [
        ("Wide", 0.51),
        ("&lt;b&gt;mine", 0.85),
        ("the truth", 0.89),
    ]
    assert [trace.marker.symbol for trace in figure.data] == ["square", "circle", "star"]
    low, high = figure.layout.xaxis.range
    assert low < 0.5
    assert high > 0.89


def test_in_words_and_without_a_truth() -> None:
    told = describe_strip(DOTS, None)
    assert told == "AUC of each model. Wide: 0.510; <b>mine: 0.850"
