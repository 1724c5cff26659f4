"""Names on an axis stay the text they are, in the order given, whatever they look like."""

from __future__ import annotations

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from plotly.graph_objects import Figure

from recsys_demo import charts
from recsys_demo.charts.challenge import challenge_map
from recsys_demo.charts.dots import Dot
from recsys_demo.charts.lessons import guess_map, marks_chart, places_chart
from recsys_demo.charts.polls import answers_map
from recsys_demo.charts.strip import strip
from recsys_demo.charts.theme import NAME, axis_names
from recsys_demo.charts.tradeoff import tradeoff_map
from tests.making.charting import ODD, Named, named_charts

# Numbers on both axes; names stand in legends, in hovers and beside points, which are always text.
UNNAMED = {
    *("tail", "density", "overcross", "collisions"),
    *("map_figure", "film_figure", "tradeoff_map", "learning_curves", "small_map", "training_film"),
    *("lists_chart", "blank_lists", "waterfall", "score_chart", "difference_chart", "recall_chart"),
    *("marks_chart", "places_chart", "guess_map"),  # of lessons
    *("overview_figure", "empty_figure", "two_fields_figure", "learned_crosses"),
    # Of a class: answers are the lab's own texts, at numbers.
    *("bars", "flow", "numbers", "answers_map", "challenge_map"),
    *("roc_chart", "pr_chart", "calibration_chart", "histogram_chart"),
}


def chart_functions() -> Iterator[str]:
    """Every public function of the layer that draws a figure."""
    for found in pkgutil.iter_modules(charts.__path__):
        module = importlib.import_module(f"{charts.__name__}.{found.name}")
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            drawn = own and "Figure" in str(function.__annotations__["return"])
            if drawn and not name.startswith("_") and name != "with_layout":
                yield name


def test_every_chart_is_looked_at() -> None:
    assert {named.chart for named in named_charts()} | UNNAMED == set(chart_functions())


def holds_text(values: object) -> bool:
    return isinstance(values, tuple) and any(isinstance(value, str) for value in values)


@pytest.mark.parametrize("named", named_charts(), ids=lambda named: f"{named.chart}-{named.axis}")
def test_names_are_categories_in_the_order_given(named: Named) -> None:
    """Plotly guesses the kind of an axis from what stands on it, unless it is told."""
    axis = named.figure.layout[named.axis]
    letter = named.axis[0]
    places = [trace[letter] for trace in named.figure.data]
    if axis.ticktext is None:
        assert axis.type == "category"
        assert axis.categoryorder == "array"
        assert axis.categoryarray == named.shown
        assert all(holds_text(of_trace) for of_trace in places)
        assert {name for of_trace in places for name in of_trace} <= set(named.shown)
    else:
        assert axis.ticktext == named.shown
        assert not any(holds_text(of_trace) for of_trace in (axis.tickvals, *places))


def test_a_name_is_never_cut_into_another_one() -> None:
    long = "n" * NAME
    found = axis_names(["7", "7", "7 (2)", f"{long}1", f"{long}2", "", "<b>", "x " * NAME])
    assert found[:3] == ["7", "7 (2)", "7 (2) (2)"]
    assert [name[-1] for name in found[3:5]] == ["1", "2"]
    assert found[5:7] == ["(missing)", "&lt;b&gt;"]
    assert all(len(name) <= NAME for name in found[3:5])
    assert len(found[7]) <= NAME
    assert axis_names(ODD) == list(ODD.values())


@pytest.mark.parametrize(
    "draw",
    [
        partial(tradeoff_map, ()),
        partial(strip, [Dot("lr", math.nan, 0.7)]),
        partial(places_chart, ()),
        partial(guess_map, {}, hint=""),
        partial(answers_map, ()),
        partial(challenge_map, ()),
    ],
)
def test_the_titles_of_maps_are_text_in_its_own_lines(draw: Callable[[str, str], Figure]) -> None:
    """A log's fields stand in them."""
    shown = str(draw("x", "AUC on <b>\n→ memorizes").layout)
    assert "AUC on &lt;b&gt;<br>→ memorizes" in shown


def test_the_title_of_a_reveal_fits_a_phone() -> None:
    title = marks_chart((), (), "Wide with strong L1 − Wide, AUC").layout.xaxis.title.text
    assert title == "Wide with strong L1 − Wide,<br>AUC"
