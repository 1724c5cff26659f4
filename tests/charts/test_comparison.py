"""Charts of the Compare room: nothing cut off or on top of another, numbers where they are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recsys_demo.charts.dots import CHANCE, Dot
from recsys_demo.charts.intervals import Series, describe, dot_plot, support_chart
from recsys_demo.charts.quality import (
    CurveStyle,
    calibration_chart,
    histogram_chart,
    pr_chart,
    roc_chart,
)
from recsys_demo.charts.tradeoff import describe_map, is_crowded, tradeoff_map
from recsys_demo.evaluation.curves import calibration_curve, pr_points, roc_points, score_histogram

FAR = [Dot("wide", 0.67, 0.88, key="a"), Dot("deep", 0.78, 0.49, key="b")]
NEAR = [
    Dot("wide", 0.832, 0.997, (0.01, 0.01), (0.001, 0.001), key="a"),
    Dot("deep", 0.824, 0.994, (0.01, 0.01), (0.001, 0.001), key="b"),
    Dot("wide_deep", 0.831, 0.9945, (0.01, 0.01), (0.001, 0.001), key="c"),
]


def test_axes_begin_at_chance_unless_dots_are_crowded() -> None:
    assert not is_crowded(FAR)
    assert is_crowded(NEAR)
    assert not is_crowded(NEAR[:1])
    far, near = (tradeoff_map(dots, "x", "y").layout for dots in (FAR, NEAR))
    assert far.xaxis.range[0] < 0.5
    assert near.xaxis.range[0] > 0.8
    assert near.yaxis.tickformat == ".3f"
    assert tradeoff_map(NEAR, "x", "y", zoom=False).layout.xaxis.range[0] < 0.5
    for dots, layout in ((FAR, far), (NEAR, near)):
        for dot in dots:
            assert layout.xaxis.range[0] < dot.x - dot.x_error[0]
            assert dot.x + dot.x_error[1] < layout.xaxis.range[1]
            assert layout.yaxis.range[0] < dot.y - dot.y_error[0]
            assert dot.y + dot.y_error[1] < layout.yaxis.range[1]


def test_every_dot_carries_its_key_name_and_error_bars() -> None:
    figure = tradeoff_map(NEAR, "x", "y", trail=[Dot("fm", 0.8, 0.9, key="old")])
    traces = {trace.customdata[0]: trace for trace in figure.data}
    assert set(traces) == {"a", "b", "c", "old"}
    assert traces["a"].text[0].strip() == "<b>Wide</b>"
    assert traces["a"].error_x.array[0] == 0.01
    assert traces["old"].opacity < 0.5
    assert "Wide: never seen 0.832, memorized 0.997" in describe_map(NEAR, None)


def test_popularity_stands_on_the_map_and_in_its_words() -> None:
    figure = tradeoff_map(FAR, "x", "y", popularity=(0.55, 0.31))
    (mark,) = [trace for trace in figure.data if trace.customdata[0] == "popularity"]
    assert (mark.x[0], mark.y[0]) == (0.55, 0.31)
    assert figure.layout.yaxis.range[0] < 0.31
    assert "popularity alone: 0.550 and 0.310" in describe_map(FAR, None, (0.55, 0.31))
    nothing = tradeoff_map(FAR, "x", "y", popularity=(math.nan, 0.5))
    assert len(nothing.data) == len(figure.data) - 1


@pytest.mark.parametrize("place", [(0.6, 0.503), (0.6, 0.497), (0.503, 0.8), (0.495, 0.505)])
def test_no_name_is_struck_through_by_a_line_of_chance(place: tuple[float, float]) -> None:
    figure = tradeoff_map([Dot("deep", *place), Dot("wide", 0.7, 0.9)], "x", "y", zoom=False)
    spans = []
    for value, axis in zip(place, (figure.layout.xaxis, figure.layout.yaxis), strict=True):
        low, high = axis.range
        spans.append(((value - low) / (high - low), (CHANCE - low) / (high - low)))
    (x, chance_x), (y, chance_y) = spans
    line, side = figure.data[0].textposition.split()
    low, high = (y + 0.02, y + 0.075) if line == "top" else (y - 0.075, y - 0.02)
    left, right = (x + 0.02, x + 0.1) if side == "right" else (x - 0.1, x - 0.02)
    assert not low < chance_y < high
    assert not left < chance_x < right


def test_names_of_close_dots_stand_at_different_corners() -> None:
    close = [Dot(str(n), 0.6 + 0.001 * n, 0.7, key=str(n)) for n in range(4)]
    corners = [trace.textposition for trace in tradeoff_map(close, "x", "y", zoom=False).data]
    assert len(set(corners)) == 4
    edge = [Dot("wide_deep", 0.83, 0.7), Dot("deep", 0.5, 0.7)]
    assert "left" in tradeoff_map(edge, "x", "y").data[0].textposition  # not cut off


def test_later_dots_of_the_trail_are_less_faded() -> None:
    trail = [Dot("fm", 0.7, 0.8 - 0.01 * n, key=str(n)) for n in range(12)]
    opacity = [trace.opacity for trace in tradeoff_map(FAR, "x", "y", trail=trail).data[:12]]
    assert sorted(opacity) == opacity[::-1] or sorted(opacity) == opacity
    by_key = {t.customdata[0]: t.opacity for t in tradeoff_map(FAR, "x", "y", trail=trail).data}
    assert by_key["11"] > by_key["0"]


def test_names_of_others_are_text_not_markup() -> None:
    figure = tradeoff_map([Dot("x", 0.6, 0.7, name="<img src=x>")], "x", "y")
    assert "&lt;img" in figure.data[0].text[0]
    series = [Series("x", "<b>bold</b>", [0.5], [0.4], [0.6])]
    assert dot_plot(["<i>row</i>"], series, "t").layout.yaxis.ticktext == (
        "&lt;i&gt;row&lt;/i&gt;",
    )


def test_titles_of_axes_are_text_in_lines_that_fit_a_phone() -> None:
    series = [Series("x", "Wide", [0.5], [0.4], [0.6])]
    told = "training rows with a row whose <b>installed x app pair"
    for figure in (
        support_chart(["1"], [1], series, (told, "AUC")),
        dot_plot(["row"], series, told),
    ):
        lines = figure.layout.xaxis.title.text.split("<br>")
        assert " ".join(lines) == told.replace("<b>", "&lt;b&gt;")
        assert len(lines) == 2


def test_a_bucket_without_a_value_cuts_the_band() -> None:
    nan = math.nan
    series = [
        Series("wide", "Wide", [0.6, nan, 0.7, 0.8], [0.5, nan, 0.6, 0.7], [0.7, nan, 0.8, 0.9])
    ]
    figure = support_chart(["0", "1", "2", "3"], [10, 0, 5, 7], series, ("x", "AUC"), floor=0.5)
    bands = [trace for trace in figure.data if getattr(trace, "fill", None) == "toself"]
    assert [len(band.x) for band in bands] == [2, 4]
    bars = next(trace for trace in figure.data if trace.type == "bar")
    assert list(bars.y) == [10, 0, 5, 7]
    assert describe(["0", "1"], [Series("wide", "Wide", [0.6, nan], [], [])], "AUC").endswith(
        "Wide: 0 0.600"
    )


@pytest.mark.parametrize("models", [1, 4, 12])
def test_rows_of_a_dot_plot_do_not_meet(models: int) -> None:
    series = [Series("wide", f"m{i}", [0.1, 0.2], [0.0, 0.1], [0.2, 0.3]) for i in range(models)]
    figure = dot_plot(["first", "second"], series, "gap", zero=0.0)
    upper = [trace.y[0] for trace in figure.data]
    lower = [trace.y[1] for trace in figure.data]
    assert min(upper) > max(lower)
    assert len(set(upper)) == models
    assert figure.layout.height >= 22 * 2 * models


def test_curves_show_the_points_they_are_given() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=500)
    labels = (rng.random(500) < 1 / (1 + np.exp(-logits))).astype(int)
    look = CurveStyle("deep", "Deep")
    roc, pr = roc_points(labels, logits), pr_points(labels, logits)
    assert (np.asarray(roc_chart([(look, roc)]).data[0].y) == roc.y).all()
    assert (np.asarray(pr_chart([(look, pr)], labels.mean()).data[0].x) == pr.x).all()
    bins = calibration_curve(labels, logits)
    trace = calibration_chart([(look, bins)]).data[0]
    assert np.allclose(np.asarray(trace.y) + np.asarray(trace.error_y.array), bins.high)
    found = score_histogram(labels, logits)
    bars = histogram_chart([(look, found)]).data
    assert {bar.name for bar in bars} == {"installed", "not installed"}
    for bar in bars:
        assert np.asarray(bar.y).sum() == pytest.approx(1)
