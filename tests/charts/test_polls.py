"""What a class has answered, as charts."""

from __future__ import annotations

from recsys_demo.charts.lessons import marks_chart, places_chart
from recsys_demo.charts.polls import answers_map, bars, describe_bars, flow, numbers
from recsys_demo.evaluation.intervals import unknown_interval
from recsys_demo.lessons.progress import Prediction, Spot
from recsys_demo.lessons.reveals.outcomes import Mark, Outcome, Place, with_others

NAMES = ["<b>Wide</b> only, whatever the person's taste may be", "Deep only"]


def test_bars_stand_in_the_order_of_the_options_and_mark_nothing_before_the_solution() -> None:
    for solution, ticks in ((None, 0), (1, 1)):
        figure = bars(NAMES, [[3, 1], [0, 4]], ["first", "second"], solution)
        assert [list(trace.x) for trace in figure.data] == [[3, 1], [0, 4]]
        shown = figure.layout.yaxis.ticktext
        assert sum("✓" in name for name in shown) == ticks
        assert "<b>" not in shown[0]
        told = describe_bars(NAMES, [[3, 1], [0, 4]], ["first", "second"], solution)
        assert told.count("✓") == ticks
        assert "second 4" in told


def test_the_flow_leads_from_the_first_round_to_the_second() -> None:
    (sankey,) = flow(NAMES, [(0, 1, 2), (1, 1, 1)]).data
    assert list(sankey.link.source) == [0, 1]
    assert list(sankey.link.target) == [3, 3]
    assert list(sankey.link.value) == [2, 1]


def test_equal_numbers_stand_upon_each_other() -> None:
    (dots,) = numbers([0.1, 0.2, 0.1], 0.0, 1.0, "AUC").data
    assert sorted(zip(dots.x, dots.y, strict=True)) == [(0.1, 0), (0.1, 1), (0.2, 0)]


def test_the_class_stands_hollow_around_what_came_out() -> None:
    answers = [
        Prediction(lesson="a", step="dots", spots=(Spot(model="wide", x=x, y=x / 2),))
        for x in (0.5, 0.6)
    ]
    place = Place("wide", unknown_interval(0.7), unknown_interval(0.8), None)
    found = with_others(Outcome((), places=(place,)), answers)
    assert found.places[0].others == ((0.5, 0.25), (0.6, 0.3))
    crowd = places_chart(found.places, "x", "y").data[0]
    assert crowd.marker.symbol.endswith("-open")
    assert len(answers_map([("wide", 0.5, 0.25)], "x", "y").data) == 1


def test_guessed_numbers_stand_at_the_first_mark_and_places_at_their_models() -> None:
    said = [Prediction(lesson="a", step="all_rows", number=number) for number in (0.1, 0.2)]
    marks = (Mark(unknown_interval(0.3)), Mark(unknown_interval(0.4)))
    found = with_others(Outcome((), marks), said)
    assert [mark.others for mark in found.marks] == [(0.1, 0.2), ()]
    assert list(marks_chart(found.marks, ["one", "two"], "AUC").data[0].x) == [0.1, 0.2]
    spots = [Prediction(lesson="a", step="dots", spots=(Spot(model="wide", x=0.5, y=0.9),))]
    both = tuple(Mark(unknown_interval(0.3), model="wide") for _ in range(2))
    assert [m.others for m in with_others(Outcome((), both), spots).marks] == [(0.5,), (0.9,)]
