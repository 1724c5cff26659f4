"""Dot charts of ablation: what is drawn is what was found, and strangers' names stay text."""

from __future__ import annotations

import html
import math

from recsys_demo.charts.ablation import DotRow, describe_dots, dot_chart

ROWS = [
    DotRow("without <b>crosses</b>", -0.3, 0.02, (-0.31, -0.29), "worse", ghost=-0.1),
    DotRow("with FM", 0.004, 0.001, (0.004,), "better"),
    DotRow("dropout", 0.0, math.inf, (), "could not be told apart", ghost=math.nan),
]


def test_means_intervals_seeds_and_ghosts_are_where_they_belong() -> None:
    seeds, ghosts, means = dot_chart(ROWS, "difference").data
    assert list(means.x) == [-0.3, 0.004, 0.0]
    assert list(means.y) == [0, 1, 2]
    assert list(means.error_x.array) == [0.02, 0.001, 0.0]
    assert list(means.marker.symbol) == ["triangle-left-open", "triangle-right", "circle-open"]
    assert list(seeds.x) == [-0.31, -0.29, 0.004]
    assert list(ghosts.x) == [-0.1]
    assert list(ghosts.y) == [0]
    assert ghosts.marker.symbol == "circle-open"


def test_the_first_row_is_on_top() -> None:
    low, high = dot_chart(ROWS, "difference").layout.yaxis.range
    assert low > high


def test_names_from_data_are_text() -> None:
    figure = dot_chart(ROWS, "x <i>y</i>")
    assert "<b>crosses" not in figure.layout.yaxis.ticktext[0]
    assert "<b>crosses" not in figure.data[2].text[0]
    assert "<i>" not in figure.layout.title.text


def test_no_line_of_letters_is_wider_than_a_phone() -> None:
    label = "embedding size 32 instead of 16 and without the crosses"
    row = DotRow(label, 0.1, 0.1, (), "alone")
    figure = dot_chart([row], "test AUC against Wide & Deep without crosses, retrained (right)")
    title, told = figure.layout.title.text, figure.layout.yaxis.ticktext[0]
    lines = [html.unescape(line) for line in title.split("<br>")]
    assert " ".join(lines).endswith("retrained (right)")
    assert max(map(len, lines)) <= 42
    assert max(map(len, told.split("<br>"))) <= 20
    assert told.replace("<br>", " ").startswith("embedding size 32 instead")
    assert label in figure.data[2].text[0]  # whole where it is pointed at


def test_the_words_say_what_the_picture_shows() -> None:
    told = describe_dots(ROWS, "AUC, retrained")
    assert told.startswith("AUC, retrained. ")
    assert "-0.3000 ± 0.0200 (before -0.1000), worse" in told
    assert "with FM +0.0040 ± 0.0010, better" in told
    assert "dropout +0.0000" in told
    assert describe_dots([], "AUC") == "AUC. No values yet."
