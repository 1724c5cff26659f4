"""Models by one number, where a log has no rows for the map's other axis."""

from __future__ import annotations

import math

from recsys_demo.charts.dots import Dot
from recsys_demo.charts.strip import describe_strip, missing_axes, strip

DOTS = [
    Dot("wide", 0.51, math.nan),
    Dot("deep", 0.85, math.nan, x_error=(0.02, 0.1), name="<b>mine"),
]
SEEN = [Dot("wide", math.nan, 0.93), Dot("deep", math.nan, 0.61, y_error=(0.2, 0.02))]
TRUTH = (0.89, 0.97)


def test_every_model_has_a_row_with_its_symbol_and_the_truth_a_star() -> None:
    figure = strip(DOTS, "never", "seen", TRUTH)
    assert [(trace.y[0], trace.x[0]) for trace in figure.data] == [
        ("Wide", 0.51),
        ("&lt;b&gt;mine", 0.85),
        ("the truth", 0.89),
    ]
    assert [trace.marker.symbol for trace in figure.data] == ["square", "circle", "star"]
    low, high = figure.layout.xaxis.range
    assert low < 0.5
    assert high > 0.95
    assert figure.layout.xaxis.title.text == "never"


def test_the_other_axis_brings_its_values_bars_and_truth() -> None:
    figure = strip(SEEN, "never", "seen", TRUTH)
    assert [trace.x[0] for trace in figure.data] == [0.93, 0.61, 0.97]
    assert figure.data[1].error_x.arrayminus == (0.2,)
    assert figure.layout.xaxis.range[0] < 0.41
    assert figure.layout.xaxis.title.text == "seen"
    assert "the truth itself: 0.970" in describe_strip(SEEN, TRUTH)


def test_in_words_and_without_a_truth() -> None:
    told = describe_strip(DOTS)
    assert told == "AUC of each model. Wide: 0.510; <b>mine: 0.850"


def test_what_no_model_has_a_value_for_is_missing() -> None:
    names = ("never", "seen")
    assert missing_axes(DOTS, names) == ["seen"]
    assert missing_axes(SEEN, names) == ["never"]
    assert missing_axes([*DOTS, *SEEN], names) == []
    assert missing_axes([Dot("wide", math.nan, math.nan)], names) == ["never", "seen"]
