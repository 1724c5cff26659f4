"""Scores taken apart and differences against zero: signs by filling, names beside their bars."""

from __future__ import annotations

import pytest

from recsys_demo.charts.differences import difference_chart, difference_row
from recsys_demo.charts.explanation import (
    HOLLOW,
    Row,
    ScoreColumn,
    describe_scores,
    score_chart,
)
from recsys_demo.charts.theme import style
from recsys_demo.charts.waterfall import Step, waterfall
from recsys_demo.evaluation.intervals import Interval
from recsys_demo.evaluation.verdicts import verdict

ROWS = [Row("Pair memory", "Penguin × Flight, 131 rows"), Row("Vectors and network")]
COLUMNS = [
    ScoreColumn("wide", "Wide", -0.8, [-2.27, None], ["", ""], -3.07, "4.4% · place 149"),
    ScoreColumn("deep", "Deep", -0.7, [None, 1.2], ["", ""], 0.5, "62.2% · place 3"),
]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_rows_are_the_same_for_all_models_and_named_beside_their_bars(scale: float) -> None:
    figure = score_chart(ROWS, COLUMNS, scale)
    wide, deep = (trace for trace in figure.data if trace.type == "bar")
    written = {note.text: note.y for note in figure.layout.annotations}
    for number, row in enumerate(ROWS):
        (y,) = (y for text, y in written.items() if row.name.split()[0] in text)
        assert y == pytest.approx((wide.y[number] + deep.y[number]) / 2)
    assert wide.marker.color[0] == HOLLOW  # it lowers the score
    assert deep.marker.color[1] == style("deep").colour
    assert wide.text == ("<b>−2.27</b>", "–")
    assert deep.text == ("–", "<b>+1.20</b>")
    low, high = figure.layout.xaxis.range
    assert low < -3.07
    assert high > 1.2
    assert figure.layout.margin.l == pytest.approx(
        scale * score_chart(ROWS, COLUMNS).layout.margin.l
    )
    assert "Deep starts at −0.70, vectors and network +1.20, ends at +0.50" in describe_scores(
        ROWS, COLUMNS
    )


def test_a_waterfall_goes_from_the_start_to_the_score() -> None:
    steps = [Step("a", -2.0, "cross"), Step("b", 0.5, "network")]
    (bars,) = waterfall("wide", -0.5, steps).data
    assert list(bars.base) == [-0.5, -2.5]
    assert list(bars.x) == [-2.0, 0.5]
    assert list(bars.marker.color) == [HOLLOW, style("wide").colour]
    lines = [shape.x0 for shape in waterfall("wide", -0.5, steps).layout.shapes]
    assert lines == [-0.5, -2.0]


def test_a_difference_of_one_training_each_says_what_is_needed() -> None:
    rows = Interval(0.5, 0.48, 0.52, n=500)
    said = verdict("Wide", [0.9], "Deep", [0.4], "auc", "all rows", rows)
    row = difference_row("all rows", said, "wide", "deep")
    assert (row.said, row.is_clear) == ("+0.500 ± 0.020 · more seeds are needed", False)


@pytest.mark.parametrize(("gain", "is_clear"), [(0.1, True), (-0.1, True), (0.001, False)])
def test_a_difference_has_the_colour_of_who_is_ahead(gain: float, is_clear: bool) -> None:
    values = ([0.7 + gain, 0.701 + gain, 0.699 + gain], [0.7, 0.701, 0.699])
    rows = Interval(gain, gain - 0.01, gain + 0.01, n=500)
    said = verdict("Wide", values[0], "Deep", values[1], "auc", "all rows", rows)
    row = difference_row("all rows", said, "wide", "deep")
    assert row.is_clear == is_clear
    assert row.ahead == ("wide" if gain > 0 else "deep")
    (dot,) = (t for t in difference_chart([row], "Wide", "Deep").data if t.mode == "markers")
    assert dot.marker.color == style(row.ahead).colour
    assert dot.marker.symbol.endswith("-open") != is_clear
    low, high = difference_chart([row], "Wide", "Deep").layout.xaxis.range
    assert low == -high
    assert low < row.low < row.high < high
