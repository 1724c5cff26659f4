"""Colours of models can be told apart by everybody, on both backgrounds; where they come close,
symbol and dash differ."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import recsys_demo
from recsys_demo.charts import inks
from recsys_demo.charts.embeddings import COLORS, MARK
from recsys_demo.charts.theme import MUTED, STYLES, style
from recsys_demo.config.presets import MAIN_PRESETS, PRESETS
from recsys_demo.ui.style import style as style_sheet
from tests.making import colours
from tests.making.charting import named_charts
from tests.making.colours import BACKGROUNDS, SIGHTS, ciede2000, contrast, lab, linear, seen


def difference(one: str, other: str, sight: str) -> float:
    looks = (linear(STYLES[name].colour) for name in (one, other))
    return float(colours.difference(*looks, sight))


def test_the_formulas_give_known_values() -> None:
    assert contrast(linear("#FFFFFF"), linear("#000000")) == pytest.approx(21)
    assert lab(linear("#FFFFFF")) == pytest.approx([100, 0, 0], abs=0.1)
    published = (np.array([50, 2.6772, -79.7751]), np.array([50, 0, -82.7485]), 2.0425)
    greys = (np.array([50.0, 0, 0]), np.array([50, -1, 2]), 2.3669)
    far = (np.array([50, 2.5, 0]), np.array([58, 24, 15]), 19.4535)
    for one, other, told in (published, greys, far):
        assert ciede2000(one, other) == pytest.approx(told, abs=1e-4)
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.1)


def test_every_preset_has_its_style() -> None:
    assert STYLES.keys() >= PRESETS.keys()
    assert style("My own") not in STYLES.values()


@pytest.mark.parametrize("sight", SIGHTS)
def test_the_main_models_are_told_apart_by_colour(sight: str) -> None:
    for one, other in combinations(MAIN_PRESETS, 2):
        assert difference(one, other, sight) > 20, (one, other)


@pytest.mark.parametrize("sight", SIGHTS)
def test_all_models_are_told_apart_by_colour_and_never_by_it_alone(sight: str) -> None:
    for one, other in combinations(STYLES, 2):
        assert difference(one, other, sight) > 10, (one, other)
        assert STYLES[one].symbol != STYLES[other].symbol


def apart(one: str, other: str, sight: str) -> float:
    """CIEDE2000 of two colours (#RRGGBB) for this sight."""
    return ciede2000(seen(linear(one), sight), seen(linear(other), sight))


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_of_vectors_are_no_models_and_told_apart(sight: str) -> None:
    """Of Okabe and Ito's, some came within 6 of a model's and two were one in protanopia."""
    least = 11 if sight == "normal" else 5
    models = [STYLES[name].colour for name in MAIN_PRESETS]
    for one in (*COLORS, MARK):
        assert min(apart(one, model, sight) for model in models) > least, one
    for one, other in combinations((*COLORS, MARK), 2):
        assert apart(one, other, sight) > least, (one, other)
    for background in BACKGROUNDS.values():
        assert all(contrast(linear(c), linear(background)) >= 3 for c in (*COLORS, MARK))


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_lines_and_letters_stand_out_from_the_background(background: str) -> None:
    for name, look in STYLES.items():
        assert contrast(linear(look.colour), linear(BACKGROUNDS[background])) >= 3, name
    assert contrast(linear(MUTED), linear(BACKGROUNDS[background])) >= 3


@pytest.mark.parametrize("scheme", BACKGROUNDS)
def test_letters_can_be_read_on_the_ground_of_the_page_and_of_maps(scheme: str) -> None:
    for colour in (MUTED, *(look.colour for look in STYLES.values())):
        letters = linear(inks.inks(colour)[scheme])
        for ground in (BACKGROUNDS[scheme], inks.GROUNDS[scheme]):
            assert contrast(letters, linear(ground)) >= 4.5, colour
        assert inks.inks(colour)[scheme] in inks.letters()


def test_a_colour_that_can_be_read_is_left_alone() -> None:
    assert inks.inks("#000000")["light"] == "#000000"
    assert inks.inks("#FFFFFF")["dark"] == "#FFFFFF"


def test_the_icon_shows_the_four_models_as_charts_draw_them() -> None:
    path = Path(recsys_demo.__file__).with_name("icon.svg")
    drawn = re.findall(r'class="([a-z-]+)"[^>]*fill="(#[0-9A-F]{6})"', path.read_text("utf-8"))
    assert set(drawn) == {(STYLES[key].symbol, STYLES[key].colour) for key in MAIN_PRESETS}


# Charts of names with models in them; all others show a log, a part, or what a probe finds.
WITH_MODELS = {"support_chart", "dot_plot", "funnel_chart"}
OF_PLOTLY = {"#636EFA", "#EF553B", "#00CC96", "#AB63FA", "#1F77B4", "#FF7F0E", "#2CA02C", "#D62728"}


def test_charts_without_models_have_no_colours_of_models_and_none_of_plotly() -> None:
    models = {look.colour for look in STYLES.values()}
    wrong = set()
    for named in named_charts():
        drawn = named.figure.to_dict()
        drawn["layout"].pop("template", None)
        used = {colour.upper() for colour in re.findall(r"#[0-9a-fA-F]{6}", repr(drawn))}
        forbidden = OF_PLOTLY if named.chart in WITH_MODELS else OF_PLOTLY | models
        wrong |= {(named.chart, colour) for colour in used & forbidden}
    assert not wrong


def test_no_trace_is_left_to_take_the_next_colour_of_plotly() -> None:
    wrong = set()
    for named in named_charts():
        for trace in named.figure.data:
            given = [getattr(trace, part, None) for part in ("marker", "line")]
            explicit = any(part is not None and part.color is not None for part in given)
            filled = getattr(trace, "fillcolor", None) is not None
            if not (explicit or filled or trace.type == "heatmap"):
                wrong.add((named.chart, trace.type))
    assert not wrong


def test_nothing_moves_but_what_the_browser_leads() -> None:
    """Plotly and style sheets know nothing of a person who wants no motion; browser.js asks."""
    for named in named_charts():
        assert named.figure.layout.transition.duration is None, named.chart
    moving = re.compile(r"transition|animation|@keyframes|scroll-behavior")
    assert not any(moving.search(style_sheet(projector)) for projector in (False, True))
    script = (Path(recsys_demo.__file__).parent / "ui" / "browser.js").read_text("utf-8")
    assert script.index("reduced.matches) return") < script.index(".animate(")
